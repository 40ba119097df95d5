"""Every kind of file that the program writes, read back and held against physics or another file."""

from __future__ import annotations

import hashlib
import json
import unittest
import unittest.mock

import h5py
import numpy as np

import made
import understudy
from understudy import vtk
from understudy.cards import parse


def at_cells(values: np.ndarray, axis: int, periodic: bool) -> np.ndarray:
    """Means of a cell's two faces."""
    if periodic:
        return (values + np.roll(values, -1, axis)) / 2
    lower = np.take(values, range(values.shape[axis] - 1), axis)
    return (lower + np.take(values, range(1, values.shape[axis]), axis)) / 2


class Flow(unittest.TestCase):
    def test_fields_have_times_units_and_coordinates(self) -> None:
        run = made.run("wake")
        u = run.fields["u"]
        np.testing.assert_allclose(run.times, [0, 1, 2, 3, 4])
        self.assertEqual((u.dims, u.shape, u.unit), (("time", "y", "x"), (5, 16, 32), "m/s"))
        np.testing.assert_allclose(u.coords["x"].values, -2 + 0.25 * (np.arange(32) + 0.5))
        np.testing.assert_allclose(u.coords["y"].values, -2 + 0.25 * (np.arange(16) + 0.5))
        self.assertEqual(run.fields["vorticity"].unit, "1/s")
        velocity = run.fields["velocity"]
        np.testing.assert_array_equal(velocity[..., 1], run.fields["v"].values)

    def test_fields_are_those_of_the_checkpoint(self) -> None:
        for name, periodic in (("wake", False), ("box", True)):
            run = made.run(name)
            last = run.checkpoint
            self.assertEqual(last.time_s, run.times[-1])
            for axis, field in enumerate("uvw"[: run.fields["u"].ndim - 1]):
                faces = last.fields[field]
                self.assertEqual(faces.location, f"face_{'xyz'[axis]}")
                centres = at_cells(faces.values, faces.ndim - 1 - axis, periodic)
                np.testing.assert_allclose(run.fields[field][-1], centres, atol=1e-14)
            np.testing.assert_allclose(run.fields["p"][-1], last.fields["p"].values, atol=1e-14)

    def test_fields_do_not_depend_on_who_unpacks_them(self) -> None:
        u = made.run("box").fields["u"]
        usual = u.values
        with unittest.mock.patch("understudy.lz4._fast", None):
            vtk._read_cached.cache_clear()
            np.testing.assert_array_equal(u.values, usual)

    def test_axes_are_not_exchanged(self) -> None:
        u = made.run("box").fields["u"]
        self.assertEqual(u.shape[1:], (8, 10, 12))
        z, y, x = np.meshgrid(*[u.coords[d].values for d in ("z", "y", "x")], indexing="ij")
        wanted = np.sin(2 * np.pi * x) * np.cos(2 * np.pi * y)
        self.assertGreater(np.corrcoef(u[0].ravel(), wanted.ravel())[0, 1], 0.999)

    def test_two_ranks_pieces_make_the_same_fields(self) -> None:
        one, two = made.run("wake"), made.run("two_ranks")
        self.assertTrue(list((two.path / "fields").glob("*.pvti")))
        for name in ("u", "v", "vorticity", "mask"):
            np.testing.assert_allclose(two.fields[name].values, one.fields[name][:3], atol=1e-9)

    def test_checkpoint_says_what_it_is(self) -> None:
        checkpoint = made.run("wake").checkpoint
        checkpoint.verify()
        self.assertEqual(checkpoint.fields["u"].shape, (16, 33))
        np.testing.assert_allclose(checkpoint.fields["u"].coords["x"].values[[0, -1]], [-2, 6])
        self.assertEqual(parse(checkpoint.deck)["flow"]["reynolds"], 100)

    def test_classes_take_paths_of_every_kind(self) -> None:
        wake = made.folder("wake")
        self.assertEqual(understudy.Run(str(wake)).times[-1], 4)
        self.assertEqual(understudy.Checkpoint(str(wake / "checkpoint.h5")).time_s, 4)
        self.assertEqual(understudy.VtkSeries(str(wake / "fields.pvd")).times[-1], 4)
        self.assertEqual(understudy.Model(str(wake / "model")).kind, "fields")
        self.assertEqual(understudy.Summary.read(str(wake / "summary.json")).verb, "run")

    def test_tables(self) -> None:
        run = made.run("wake")
        self.assertEqual(run.diagnostics.rows, 41)
        self.assertEqual(run.diagnostics.unit("flow.enstrophy"), "m2/s2")
        # A probe between four cells and a line through it.
        places = [abs(run.fields["u"].coords[d].values - at) < 0.2 for d, at in (("y", 0), ("x", 2))]
        near = run.fields["u"][-1][places[0]][:, places[1]]
        self.assertTrue(near.min() - 0.1 <= run.probes["behind u"][-1] <= near.max() + 0.1)
        self.assertEqual(run.probes.unit("behind u"), "m/s")
        last = run.lines["wake"][-1]
        np.testing.assert_allclose(run.line_times, [0, 1, 2, 3, 4])
        self.assertAlmostEqual(last["u"][4], run.probes["behind u"][-1], places=12)

    def test_summary_is_found_by_paths(self) -> None:
        summary = made.run("wake").summary
        self.assertEqual(summary["metrics.swap.policy"], "never")
        self.assertGreater(summary["metrics.flow.drag_mean"], 0)
        self.assertEqual(set(summary.verbs), {"run", "study"})
        self.assertIn("metrics.steps", summary.table()["name"])
        with self.assertRaisesRegex(understudy.Missing, "metrics.flow.drag_mean"):
            summary["metrics.drag_mean"]
        self.assertNotIn("metrics.drag_mean", summary)


class OneFile(unittest.TestCase):
    """output.format: vtkhdf."""

    def test_has_what_the_pieces_have(self) -> None:
        pieces = made.run("two_ranks")
        settings = {"swap.policy": "never", "time.end_s": 2.0, "output.format": "vtkhdf"}
        run = understudy.run(made.decks / "wake.yaml", settings, out=made.scratch() / "one_file", ranks=2)
        self.assertFalse((run.path / "fields.pvd").exists() or (run.path / "fields").exists())
        found = understudy.open(run.path / "fields.vtkhdf")
        self.assertIsInstance(found, understudy.VtkHdfSeries)
        self.assertIn("3 times", repr(found))
        np.testing.assert_array_equal(run.times, pieces.times)
        self.assertEqual(sorted(run.fields), sorted(pieces.fields))
        for name, wanted in pieces.fields.items():
            field = run.fields[name]
            self.assertEqual((field.dims, field.unit, field.shape), (wanted.dims, wanted.unit, wanted.shape))
            np.testing.assert_array_equal(field.values, wanted.values)
            np.testing.assert_array_equal(field[-1], wanted[-1])
        for axis in ("x", "y"):
            np.testing.assert_array_equal(run.fields["u"].coords[axis].values,
                                          pieces.fields["u"].coords[axis].values)
        for name, values in pieces.series.scalars.items():
            np.testing.assert_array_equal(run.series.scalars[name], values)

    def test_of_others_or_cut_off_is_refused(self) -> None:
        path = made.scratch() / "other.vtkhdf"
        with h5py.File(path, "w") as file:
            file.create_group("VTKHDF")
        with self.assertRaisesRegex(understudy.NotOurs, "no series that this program wrote"):
            understudy.open(path)
        with h5py.File(path, "w") as file:
            file.create_group("series").attrs["format"] = "understudy series"
            file["VTKHDF/FieldData/TimeValue"] = np.zeros(2)
            file["series/all/u"] = np.zeros((1, 3, 4))
            for key, value in (("WholeExtent", [0, 4, 0, 3, 0, 0]), ("Origin", [0.0] * 3), ("Spacing", [1.0] * 3)):
                file["VTKHDF"].attrs[key] = value
            file["VTKHDF/Steps"] = h5py.SoftLink("/series/times_0")
        with self.assertRaisesRegex(understudy.Damaged, "its steps lead nowhere"):
            understudy.open(path)
        with h5py.File(path, "a") as file:
            file.create_group("series/times_0").attrs["NSteps"] = 2
        with self.assertRaisesRegex(understudy.Damaged, "it names 2 steps and has 1"):
            understudy.open(path)
        path.write_bytes(path.read_bytes()[:200])
        with self.assertRaisesRegex(understudy.Damaged, "cut off"):
            understudy.open(path)


class Learning(unittest.TestCase):
    def test_samples_conserve_mass(self) -> None:
        data = made.run("wake").dataset
        self.assertEqual([len(data.train), len(data.valid), len(data.test)], [2, 1, 0])
        sample = data.train[1]
        self.assertEqual(sample.parameters, {"flow.reynolds": 140.0})
        self.assertEqual(sample.boundaries["x_lower"], "inflow")
        np.testing.assert_allclose(sample.times, 0.5 * np.arange(13))
        u = sample.fields["u"]
        self.assertEqual((u.dims, u.shape, u.location), (("time", "x", "y"), (13, 32, 16), "face_x"))
        np.testing.assert_allclose(u.coords["x"].values, -2 + 0.25 * np.arange(32))
        # Slip walls above and below: the same flux through each face along x, the closing one too.
        closing = sample.closing_faces["u"]
        self.assertEqual((closing.shape, closing.unit), ((13, 1, 16), "m/s"))
        flux = 0.25 * np.concatenate([u.values, closing.values], axis=1).sum(axis=2)
        beside = np.abs(-2 + 0.25 * np.arange(33)) > 0.5  # the body
        np.testing.assert_allclose(flux[:, beside], 4.0, rtol=2e-6)
        self.assertEqual(sample.fields["mask"].dims, ("x", "y"))

    def test_statistics_are_of_the_training_samples(self) -> None:
        data = made.run("wake").dataset
        v = np.concatenate([s.fields["v"].values for s in data.train]).astype(float)
        self.assertAlmostEqual(data.statistics["std"]["v"], v.std(), places=6)
        table = data.table()
        self.assertEqual(list(table["split"]), ["train", "train", "valid"])
        np.testing.assert_array_equal(table["flow.reynolds"], [80, 140, 110])

    def test_cards_say_what_is_in_the_files(self) -> None:
        run = made.run("wake")
        folder = run.path / "dataset"
        card = json.loads((folder / "croissant.json").read_text(encoding="utf-8"))
        records = {one["name"]: one for one in card["recordSet"]}
        rows = records["samples"]["data"]
        table = run.dataset.table()
        self.assertEqual([row["samples/split"] for row in rows], list(table["split"]))
        self.assertEqual([row["samples/flow.reynolds"] for row in rows], list(table["flow.reynolds"]))
        for row in rows:
            with h5py.File(folder / row["samples/file"]) as file:
                self.assertEqual(file.attrs["provenance.deck_hash"], row["samples/deck_hash"])
                for array in records["arrays"]["field"]:
                    values = file[array["source"]["extract"]["column"]]
                    shape = ",".join(str(n) for n in values.shape)
                    self.assertEqual(array["arrayShape"], shape, array["name"])
                    unit = values.attrs.get("units")
                    if unit:
                        self.assertEqual(array["unitText"], unit)
        crate = json.loads((run.path / "ro-crate-metadata.json").read_text(encoding="utf-8"))
        sums = {one["name"]: one["sha256"] for one in crate["@graph"] if "sha256" in one}
        self.assertIn("dataset/croissant.json", sums)
        self.assertIn("summary.json", sums)
        for name, wanted in sums.items():
            self.assertEqual(hashlib.sha256((run.path / name).read_bytes()).hexdigest(), wanted, name)
        for name in ("ro-crate-metadata.json", "dataset/croissant.json"):
            with self.assertRaisesRegex(understudy.NotOurs, "no summary of a verb"):
                understudy.open(run.path / name)

    def test_files_of_the_well_have_trajectories_and_vectors(self) -> None:
        path = made.scratch() / "well.hdf5"
        draw = np.random.default_rng(4).normal(size=(2, 3, 4, 5, 2))
        with h5py.File(path, "w") as file:
            file.attrs.update({"dataset_name": "theirs", "grid_type": "cartesian", "n_trajectories": 2,
                               "simulation_parameters": ["Re"], "Re": 7.0})
            dims = file.create_group("dimensions")
            dims.attrs["spatial_dims"] = ["x", "y"]
            for name, n in (("time", 3), ("x", 4), ("y", 5)):
                dims[name] = np.arange(n) / 2
            for group, name, values in (("t0_fields", "c", draw[..., 0]), ("t1_fields", "velocity", draw)):
                file[f"{group}/{name}"] = values
            file.create_group("boundary_conditions")
        sample = understudy.open(path)
        self.assertEqual(sample.fields["c"].dims, ("sample", "time", "x", "y"))
        self.assertEqual(sample.fields["velocity"].dims, ("sample", "time", "x", "y", "component"))
        np.testing.assert_array_equal(sample.fields["velocity"][1, :, 2], draw[1, :, 2])
        self.assertEqual((sample.parameters, sample.window_s), ({"Re": 7.0}, 0.5))

    def test_model_has_card_and_weights(self) -> None:
        model = made.run("wake").model
        model.verify()
        self.assertEqual((model.kind, model.card["network"]["kind"]), ("fields", "pod"))
        self.assertEqual(list(model.fields["name"]), ["u", "v", "p", "mask"])
        self.assertEqual(sum(np.size(model.weights[n]) for n in model.weights) > 0, True)
        self.assertEqual(list(model.errors["field"]), ["u", "v", "p"])
        trust = understudy.open(model.path / "trust.safetensors")
        trust.verify()
        with self.assertRaisesRegex(understudy.Missing, "no array 'nothing'"):
            model.weights["nothing"]

    def test_comparison_is_that_of_the_summary(self) -> None:
        run = made.run("wake")
        self.assertIsInstance(understudy.open(run.path), understudy.Study)
        comparison = run.comparison
        study = run.summary.verbs["study"]
        for name in ("u", "v", "p"):
            error = comparison.errors[name]
            self.assertAlmostEqual(error[-1], study[f"metrics.error.{name}.rel_l2_final"], places=12)
            self.assertEqual(len(comparison.persistence[name]), len(comparison.times))
            self.assertEqual(len(comparison.climatology[name]), len(comparison.times))
        self.assertEqual(comparison.speedups["same_grid"], study["metrics.speedup.same_grid"])
        self.assertEqual(list(comparison.contenders["name"]), ["the replacement", "dmd"])
        self.assertEqual(comparison.classical.names[0], "name")
        drag = comparison.quantities["flow.drag_coefficient"]
        self.assertEqual(drag.simulation[0], drag.replacement[0])
        self.assertEqual(list(comparison.backends["policy"]), ["always"])
        self.assertEqual(run.training.rows, 4)

    def test_pairs_are_one_array_over_their_shards(self) -> None:
        pairs = made.run("pairs").dataset
        self.assertEqual(len(pairs.files), 3)
        self.assertEqual(list(pairs.split), ["train"] * 3 + ["validation", "test"])
        self.assertEqual(pairs.inputs.dims, ("pair", "shot", "sample", "receiver"))
        self.assertEqual((pairs.inputs.shape, pairs.inputs.unit), ((5, 2, 51, 20), "Pa"))
        self.assertEqual((pairs.outputs.shape, pairs.outputs.unit), ((5, 16, 20), "m/s"))
        with h5py.File(pairs.files[1]) as file:
            np.testing.assert_array_equal(pairs.inputs[2:4], file["inputs"][...])
            np.testing.assert_array_equal(pairs.outputs[-2], file["outputs"][1])
        # Flat layers: a speed a depth.
        np.testing.assert_array_equal(np.ptp(pairs.outputs.values, axis=2), 0)

    def test_ways_go_by_their_names(self) -> None:
        run = made.run("pairs")
        comparison = run.comparison
        self.assertEqual(set(comparison.way_names), set(comparison.ways["way"]))
        for n, name in enumerate(comparison.way_names):
            course = comparison.curves.where("way", n)
            row = comparison.ways.where("way", name)
            self.assertAlmostEqual(course["rel_l2"][-1], row["model_error.rel_l2"][0], places=12)
        self.assertEqual(run.model.kind, "arrays")
        self.assertEqual(list(run.model.errors["name"]), ["p_speed"])

    def test_cards_and_weights_of_every_kind(self) -> None:
        seeds = made.source / "tests/fuzz/seeds"
        for kind in ("fields", "arrays", "points"):
            folder = made.scratch() / f"model_{kind}"
            folder.mkdir()
            (folder / "card.yaml").write_bytes((seeds / f"card/{kind}.card").read_bytes())
            model = understudy.open(folder)
            self.assertEqual(model.kind, kind)
            self.assertEqual(model.fields.rows > 0, kind != "arrays")
            self.assertGreaterEqual(model.errors.rows, 0)
        for path in (seeds / "safetensors").iterdir():
            tensors = understudy.open(path)
            self.assertTrue(all(tensors[n].shape == tensors.shape(n) for n in tensors))

    def test_points_are_tables(self) -> None:
        points = understudy.open(made.folder("points") / "sub_models/reaction/dataset")
        s, rate = points.inputs["scalar"], points.outputs["reaction_rate"]
        self.assertEqual((points.inputs.unit("scalar"), points.outputs.unit("reaction_rate")), ("1", "1/s"))
        self.assertGreater(len(s), 100)
        np.testing.assert_allclose(rate, 20 * s * (1 - s) * (s - 0.25), atol=1e-12)


class Waves(unittest.TestCase):
    def test_first_arrivals_come_later_at_greater_offsets(self) -> None:
        gathers = made.run("waves").gathers
        pressure = gathers["pressure"]
        self.assertEqual(pressure.dims, ("shot", "time", "receiver"))
        self.assertEqual((pressure.shape, pressure.unit), ((2, 51, 12), "Pa"))
        np.testing.assert_allclose(gathers.times, 0.008 * np.arange(51))
        np.testing.assert_allclose(gathers.sources[:, [0, 2]], [[105, 30], [495, 30]])
        arrived = np.abs(pressure[0]) > 0.3 * np.abs(pressure[0]).max()
        first = gathers.times[np.argmax(arrived, axis=0)]
        right = (gathers.receivers[:, 0] > 250) & arrived.any(axis=0)  # of the source and the anomaly
        self.assertGreater(right.sum(), 3)
        self.assertTrue(np.all(np.diff(first[right]) >= 0), first)
        self.assertGreater(first[right][-1], first[right][0])
        # Mirror images: the shots lie the same way about the middle.
        np.testing.assert_allclose(pressure[0], pressure[1][:, ::-1], atol=1e-9)
        self.assertAlmostEqual(float(np.abs(gathers.wavelet.values).max()), 1.0, delta=0.2)

    def test_models_have_the_surface_on_top(self) -> None:
        run = made.run("waves")
        speed = run.earth_model["p_speed_m_s"]
        self.assertEqual((speed.dims, speed.unit), (("depth", "x"), "m/s"))
        self.assertAlmostEqual(float(speed.sel(x=300, depth=200).values), 2200, delta=1)
        self.assertAlmostEqual(float(speed.sel(x=300, depth=500).values), 2000, delta=1)
        series = run.all_series["model"].fields["p_speed"]
        np.testing.assert_array_equal(series[0], speed[::-1])
        inside = series.isel(time=0).sel(x=300, y=-200)
        self.assertEqual(float(inside.values), float(speed.sel(x=300, depth=200).values))

    def test_inversion_is_its_table(self) -> None:
        run = made.run("inverted")
        inversion = run.inversion
        self.assertTrue(inversion.finished)
        np.testing.assert_allclose(inversion.history["misfit"], run.iterations["misfit"])
        self.assertTrue(np.all(np.diff(inversion.history["simulations"]) > 0))
        np.testing.assert_array_equal(inversion.history["of_all_shots"], 1)  # not encoded
        np.testing.assert_allclose(inversion.speed.values, run.earth_model["p_speed_m_s"].values)
        models = run.all_series["inversion"].fields["p_speed"]
        self.assertEqual(models.dims, ("iteration", "y", "x"))
        np.testing.assert_array_equal(models[-1], inversion.speed[::-1])


class Spheres(unittest.TestCase):
    def test_map_holds_the_mass(self) -> None:
        run = made.run("sphere")
        depth = run.map.fields["depth"]
        self.assertEqual(depth.dims, ("time", "lat", "lon"))
        area = run.map.fields["cell_area"].values
        self.assertAlmostEqual(float(area.sum() / (4 * np.pi * 6.37122e6**2)), 1, places=3)
        mass = (depth.values * area).sum(axis=(1, 2))
        np.testing.assert_allclose(mass, run.diagnostics["shallow_water.mass"], rtol=1e-12)
        np.testing.assert_allclose(run.map.times, run.times)

    def test_surface_and_map_are_the_same_field(self) -> None:
        run = made.run("sphere")
        depth = run.fields["depth"]
        self.assertEqual((depth.dims, depth.shape), (("time", "cell"), (3, 6 * 12 * 12)))
        lon, lat = depth.coords["lon"].values, depth.coords["lat"].values
        shown = run.map.fields["depth"].isel(time=-1)
        near = [float(shown.sel(lon=x, lat=y).values) for x, y in zip(lon, lat)]
        self.assertGreater(np.corrcoef(near, depth[-1])[0, 1], 0.995)
        checkpoint = run.checkpoint.fields["depth"]
        self.assertEqual((checkpoint.dims, checkpoint.shape), (("panel", "y", "x"), (6, 12, 12)))
        np.testing.assert_allclose(depth[-1], checkpoint.values.ravel())
        run.checkpoint.verify()


class Others(unittest.TestCase):
    def test_bubble_falls(self) -> None:
        theta = made.run("bubble").fields["theta"]
        self.assertEqual(theta.unit, "K")
        heights = theta.coords["y"].values
        centre = [(-f.sum(axis=1) * heights).sum() / -f.sum() for f in theta]
        self.assertLess(centre[-1], centre[0])

    def test_network_has_history_and_reference(self) -> None:
        run = made.run("burgers")
        fields = run.fields
        self.assertEqual(fields["u"].shape, (1, 33, 17))
        self.assertEqual(fields["u"].coords["x"].unit, "")
        difference = fields["u"].values - fields["u_reference"].values
        np.testing.assert_allclose(fields["u_error"].values, difference, atol=1e-12)
        history = run.history
        self.assertEqual(history["step"][0], 0)
        self.assertTrue(np.all(np.diff(history["step"]) > 0))
        self.assertIn("loss:interior.momentum", history)
        self.assertEqual(run.model.kind, "pinn")
        run.model.verify()

    def test_xarray_has_the_same(self) -> None:
        try:
            import xarray  # noqa: F401
        except ImportError:
            self.skipTest("xarray is not installed")
        run = made.run("wake")
        whole = run.to_xarray()
        self.assertEqual(whole["u"].attrs["units"], "m/s")
        self.assertEqual(float(whole["u"].sel(time=4, method="nearest")[3, 5]), run.fields["u"][-1, 3, 5])
        pressure = made.run("waves").gathers["pressure"].to_xarray()
        self.assertEqual(pressure.coords["receiver_x"].dims, ("receiver",))


if __name__ == "__main__":
    unittest.main()
