"""BatchFlow within a BatchFlow over files on disk, found beside the working directory."""

import pathlib
import tempfile

from pocketflow import BatchFlow, Node


class Load(Node):
    def prep(self, shared):
        return pathlib.Path(self.params["folder"]) / self.params["file"]

    def exec(self, path):
        return path.read_text()

    def post(self, shared, path, text):
        shared["grades"] = [float(line) for line in text.split()]


class Average(Node):
    def prep(self, shared):
        return shared["grades"]

    def exec(self, grades):
        return sum(grades) / len(grades)

    def post(self, shared, grades, average):
        key = pathlib.Path(self.params["folder"]).name, self.params["file"]
        shared.setdefault("results", {})[key] = average
        print(f"- {key[0]}/{key[1]}: {average:.2f}")


class ProcessClass(BatchFlow):
    def prep(self, shared):
        return [{"file": path.name} for path in sorted(pathlib.Path(self.params["folder"]).iterdir())]

    def post(self, shared, prep_res, exec_res):
        print("class done:", pathlib.Path(self.params["folder"]).name, exec_res)


class ProcessSchool(BatchFlow):
    def prep(self, shared):
        return [{"folder": str(path)} for path in sorted(shared["root"].iterdir())]


with tempfile.TemporaryDirectory() as folder:
    root = pathlib.Path(folder)
    for name in ("class_a", "class_b"):
        (root / name).mkdir()
        for pupil in range(3):
            (root / name / f"student{pupil}.txt").write_text("7.5\n8\n9.25\n" * (pupil + 1))
    load, average = Load(), Average()
    load >> average
    ProcessSchool(start=ProcessClass(start=load)).run({"root": root})
