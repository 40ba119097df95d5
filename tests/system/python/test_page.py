"""The page's examples, the command line, the pictures, the types."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import os
import re
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

import made
import understudy
from understudy.__main__ import main
from understudy.program import call, find_program

sys.path.insert(0, str(made.source / "tests/system/tutorial"))
import outputs  # noqa: E402

has_matplotlib = importlib.util.find_spec("matplotlib") is not None
page = made.source / "docs" / "python.md"
# The page's folders, and the small ones that stand for them.
stands_for = {
    "cylinder_wake": "wake", "layers_2d": "waves", "camembert_fwi": "inverted", "burgers": "burgers",
    "williamson_2": "sphere", "flat_layers": "pairs", "reacting_scalar": "points",
}


def said(words: list[str]) -> tuple[int, str]:
    """Code and text of a command line."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        code = main(words)
    return code, out.getvalue()


class Page(unittest.TestCase):
    def setUp(self) -> None:
        self.home = Path.cwd()
        folder = made.scratch() / "page"
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "out").mkdir(parents=True)
        for name, small in stands_for.items():
            shutil.copytree(made.folder(small), folder / "out" / name)
        if _has("torch"):
            model = folder / "out/cylinder_wake"
            call([*find_program(), "export", str(model / "model"), "--to", "torchscript", "--out",
                  str(model / "model.pt")])
        (folder / "inputs").symlink_to(made.source / "inputs")
        os.chdir(folder)
        self.addCleanup(os.chdir, self.home)
        if has_matplotlib:
            import matplotlib

            matplotlib.use("Agg")

    def test_examples_run(self) -> None:
        text = page.read_text()
        blocks = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
        self.assertGreater(len(blocks), 8)
        for block in blocks:
            if "plot" in block and not has_matplotlib or "to_xarray" in block and not _has("xarray"):
                continue
            if "torch" in block and not _has("torch"):
                continue
            self.assertLessEqual(len(block.strip().splitlines()), 12, block)
            line = text[: text.index(block)].count("\n")
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile("\n" * line + block, str(page), "exec"), {})
        for command in re.findall(r"^    python -m understudy (.*?)(?:  #.*)?$", text, re.MULTILINE):
            if has_matplotlib or not command.startswith("plot"):
                small = ["--dpi", "40"] if command.startswith("plot") else []
                code, words = said([*command.split(), *small])
                self.assertEqual(code, 0, words)


class Outputs(unittest.TestCase):
    def test_every_file_is_named(self) -> None:
        made.folder("wake")  # and all the others
        with contextlib.redirect_stdout(io.StringIO()):
            outputs.require_all_named(made.scratch() / "out", made.source / "docs" / "outputs.md")


def _has(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


class CommandLine(unittest.TestCase):
    def test_info_says_what_things_are(self) -> None:
        wake, waves = made.folder("wake"), made.folder("waves")
        for path, words in (
            (wake, r"\.fields: 5 times, 0 to 4 s"),
            (wake, r"equal_error"),
            (wake / "model", "pod|u +m/s"),
            (wake / "dataset", "member_002"),
            (wake / "dataset/train/member_000.hdf5", "flow.reynolds = 80"),
            (wake / "checkpoint.h5", r"at 4 s"),
            (wake / "diagnostics.csv", "flow.enstrophy"),
            (wake / "fields.pvd", r"<Field u \[m/s\]"),
            (wake / "model/weights.safetensors", r"pod.modes \(4, 1584\)"),
            (waves / "gathers.h5", r"pressure \[Pa\]"),
            (waves / "model.h5", r"\(depth 30, x 30\)"),
            (made.folder("sphere") / "fields.nc", "cell_area"),
            (made.folder("pairs") / "dataset", "of <Field"),
        ):
            code, text = said(["info", str(path), "--verify"])
            self.assertEqual(code, 0, text)
            self.assertRegex(text, words)

    def test_errors_are_one_line(self) -> None:
        code, text = said(["info", str(made.scratch() / "nothing")])
        self.assertEqual((code, text.count("\n")), (2, 1))
        self.assertRegex(text, "^E there is no")


@unittest.skipUnless(has_matplotlib, "matplotlib is not installed")
class Pictures(unittest.TestCase):
    def setUp(self) -> None:
        import matplotlib

        matplotlib.use("Agg")

    def labels(self, name: str, what: str, **wishes: object) -> dict[str, set[str]]:
        """All words on the axes of each figure."""
        from matplotlib import pyplot

        from understudy import plot

        found = {}
        for title, figure in plot.figures(made.folder(name), [what], plot.Wishes(**wishes)):
            axes = [a for one in figure.axes for a in (one, *one.child_axes)]
            words = {a.get_xlabel() for a in axes} | {a.get_ylabel() for a in axes}
            found[title] = words | {a.get_title() for a in axes}
            pyplot.close(figure)
        return found

    def test_have_axes_units_and_colour_bars(self) -> None:
        field = self.labels("wake", "fields", fields=["vorticity"], time=2.0)["field_vorticity"]
        self.assertLessEqual({"x (m)", "y (m)", "vorticity (1/s)", "vorticity, time 2 s"}, field)
        gather = self.labels("waves", "gathers", shots=[1])["gather_pressure_shot_1"]
        self.assertLessEqual({"receiver x (m)", "time (s)", "pressure (Pa)"}, gather)
        model = self.labels("waves", "models")["model_p_speed_m_s"]
        self.assertLessEqual({"depth (m)", "P-wave speed (m/s)"}, model)
        sphere = self.labels("sphere", "fields", fields=["depth"])["field_depth"]
        self.assertLessEqual({"longitude (degrees)", "latitude (degrees)", "depth (m)"}, sphere)
        self.assertLessEqual({"drag coefficient", "time (s)"}, self.labels("wake", "forces")["forces"])
        self.assertIn("relative L2 error", self.labels("wake", "errors")["errors"])
        self.assertIn("wave number (rad/m)", self.labels("box", "spectra")["spectrum_energy"])
        self.assertIn("frequency (Hz)", self.labels("wake", "spectra")["spectrum_forces"])

    def test_of_a_surface_without_a_map(self) -> None:
        from understudy import plot

        figure = plot.draw_field(made.run("sphere").fields["depth"])
        self.assertEqual(figure.axes[0].get_xlabel(), "longitude (degrees)")

    def test_gathers_have_time_downwards_and_models_depth(self) -> None:
        from understudy import plot

        for figure in (plot.draw_gather(made.run("waves").gathers),
                       plot.draw_field(made.run("waves").earth_model["p_speed_m_s"])):
            low, high = figure.axes[0].get_ylim()
            self.assertGreater(low, high)

    def test_every_kind_is_written(self) -> None:
        kinds = set()
        for name in ("wake", "waves", "inverted", "burgers"):
            out = made.scratch() / "figures" / name
            code, text = said(["plot", str(made.folder(name)), "--out", str(out), "--dpi", "40"])
            self.assertEqual(code, 0, text)
            files = text.split()
            kinds |= {Path(file).stem.split("_")[0] for file in files}
            self.assertTrue(all(Path(file).stat().st_size > 2000 for file in files), files)
        wanted = {"field", "diagnostics", "forces", "probes", "line", "spectrum", "gather", "model",
                  "errors", "quantities", "costs", "training", "losses", "inversion"}
        self.assertLessEqual(wanted, kinds)

    def test_what_is_not_there_is_said(self) -> None:
        for words, message in (
            (["--what", "gathers"], "has no gathers.h5"),
            (["--what", "nonsense"], "no kind of figure 'nonsense'; there are fields"),
            (["--field", "T"], "no field 'T'"),
            (["--shot", "x"], "whole numbers"),
        ):
            code, text = said(["plot", str(made.folder("bubble")), *words])
            self.assertEqual(code, 2)
            self.assertIn(message, text)


class Package(unittest.TestCase):
    @unittest.skipUnless(_has("mypy"), "mypy is not installed")
    def test_types_hold(self) -> None:
        cache = os.environ.get("UNDERSTUDY_MYPY_CACHE", made.scratch() / "mypy")
        call = [sys.executable, "-m", "mypy", "--cache-dir", str(cache), "understudy"]
        done = subprocess.run(call, cwd=made.source / "python", capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    @unittest.skipUnless(_has("pip") and _has("setuptools"), "pip and setuptools are not installed")
    def test_is_installed_by_pip(self) -> None:
        tree, to = made.scratch() / "tree", made.scratch() / "installed"
        shutil.copytree(made.source / "python", tree, ignore=shutil.ignore_patterns("__pycache__"))
        call = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index",
                "--no-build-isolation", "--target", str(to), str(tree)]
        done = subprocess.run(call, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        for file in ("py.typed", "__main__.py", "plot/figures.py"):
            self.assertTrue((to / "understudy" / file).exists(), file)

    def test_version_is_the_programs(self) -> None:
        self.assertEqual(made.run("bubble").summary["version"], understudy.__version__)
        text = (made.source / "python/pyproject.toml").read_text()
        self.assertIn(f'version = "{understudy.__version__}"', text)


if __name__ == "__main__":
    unittest.main()
