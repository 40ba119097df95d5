// Stands in for NVIDIA's management library in core_energy_mpi_test: one GPU that uses 2 J a reading.
extern "C" {
int nvmlInit_v2() { return 0; }
int nvmlDeviceGetHandleByPciBusId_v2(const char*, void** device) {
  static int gpu;
  *device = &gpu;
  return 0;
}
int nvmlDeviceGetTotalEnergyConsumption(void*, unsigned long long* milli_joules) {
  static unsigned long long used = 0;
  *milli_joules = used += 2000;
  return 0;
}
}
