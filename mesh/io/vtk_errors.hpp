// Private to the files that use VTK: its errors as text instead of lines on the terminal.
#pragma once

#include <vtkAlgorithm.h>
#include <vtkCallbackCommand.h>
#include <vtkCommand.h>
#include <vtkExecutive.h>
#include <vtkSmartPointer.h>

#include <string>

namespace understudy::mesh {

/// Listens to a reader, writer or filter and its executive for errors and warnings, which VTK then
/// no longer prints.
class VtkErrors {
 public:
  explicit VtkErrors(vtkAlgorithm* algorithm) : algorithm_(algorithm) {
    callback_->SetClientData(&text_);
    callback_->SetCallback([](vtkObject*, unsigned long, void* text, void* message) {
      const auto& given = *static_cast<const char*>(message);
      auto& kept = *static_cast<std::string*>(text);
      if (kept.empty()) kept = last_line(&given);
    });
    for (vtkObject* object : {static_cast<vtkObject*>(algorithm_),
                              static_cast<vtkObject*>(algorithm_->GetExecutive())}) {
      object->AddObserver(vtkCommand::ErrorEvent, callback_);
      object->AddObserver(vtkCommand::WarningEvent, callback_);
    }
  }
  ~VtkErrors() {
    algorithm_->RemoveObserver(callback_);
    algorithm_->GetExecutive()->RemoveObserver(callback_);
  }
  VtkErrors(const VtkErrors&) = delete;
  VtkErrors& operator=(const VtkErrors&) = delete;

  /// The first message's last line (the lines before name VTK's source); empty: no error.
  const std::string& text() const { return text_; }

 private:
  static std::string last_line(std::string message) {
    while (!message.empty() && (message.back() == '\n' || message.back() == ' '))
      message.pop_back();
    const auto line = message.rfind('\n');
    message = line == std::string::npos ? message : message.substr(line + 1);
    const auto address = message.find("): ");  // "vtkSTLReader (0x5581...): text"
    return address == std::string::npos ? message : message.substr(address + 3);
  }

  vtkSmartPointer<vtkAlgorithm> algorithm_;
  std::string text_;
  vtkSmartPointer<vtkCallbackCommand> callback_ = vtkSmartPointer<vtkCallbackCommand>::New();
};

}  // namespace understudy::mesh
