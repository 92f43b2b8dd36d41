"""How long a prompt template takes over all records into JSON Lines, beside what others would write.

    python benchmarks/render.py [--records 1000000] [--rounds 3] [--only studio loop]

The style is alpaca: one prompt with an input, another without. Each way is a process of its own, which says
how long the work took (imports aside), its peak memory, and a digest of all prompts and completions; they
take turns, and the median counts. `studio` and `polars` begin from the stored table, `datasets` from its
cache, `duckdb` (where it is installed) from a Parquet file, the others from the file; `studio-whole` reads
the file first. Asserts nothing; wanted: at least 6 × the loop and 12 × datasets, at most 1.2 × what an engine
takes when written by hand, which writes no hash and no manifest and does not wait for the disk.
"""

import argparse
import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from data import write_records

TASK = "Below is an instruction that describes a task"
WRITE = "Write a response that appropriately completes the request."
WITH_INPUT = (
    f"{TASK}, paired with an input that provides further context. {WRITE}\n\n"
    "### Instruction:\n{instruction}\n\n### Input:\n{input}\n\n### Response:"
)
WITHOUT_INPUT = f"{TASK}. {WRITE}\n\n### Instruction:\n{{instruction}}\n\n### Response:"
RECIPE = "source: {{path: {path}}}\ntemplate: {{style: alpaca}}\nsplit: {{method: sequential, train: 1.0}}"


def prepare(folder: Path, path: Path) -> None:
    """The stored table, its columns as Parquet, and the cache of `datasets`."""
    import polars as pl

    from studio.pipeline import load_table
    from studio.settings import Settings
    from studio.source import Source

    load_table(Source(path=str(path)), folder / "table", Settings(workspace=folder))
    stored = pl.scan_ipc(folder / "table" / "records.arrow").select("instruction", "input", "output")
    stored.sink_parquet(folder / "records.parquet")
    load_cached(folder, path)


def render_with_studio(folder: Path, path: Path, out: Path) -> Path:
    """From the stored table to an export."""
    from studio.pipeline import build_table
    from studio.recipe import parse_recipe
    from studio.table import Table

    return build_table(
        parse_recipe(RECIPE.format(path=json.dumps(str(path)))), Table.open(folder / "table"), out
    ).part("train")


def render_whole(folder: Path, path: Path, out: Path) -> Path:
    """From the file to an export."""
    from studio.pipeline import build
    from studio.recipe import parse_recipe
    from studio.settings import Settings

    settings = Settings(workspace=out.parent / "work")
    return build(parse_recipe(RECIPE.format(path=json.dumps(str(path)))), out, settings=settings).part(
        "train"
    )


def render_with_loop(folder: Path, path: Path, out: Path) -> Path:
    """The course's way: jsonlines and str.format, line by line."""
    import jsonlines

    def dump(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False)

    with jsonlines.open(path, loads=json.loads) as lines, jsonlines.open(out, "w", dumps=dump) as file:
        for record in lines:
            file.write({"prompt": format_prompt(record), "completion": record["output"]})
    return out


def render_with_datasets(folder: Path, path: Path, out: Path) -> Path:
    """`map` and `to_json` over a dataset that is in its cache."""
    records = load_cached(folder, path)
    rendered = records.map(
        lambda record: {"prompt": format_prompt(record), "completion": record["output"]},
        remove_columns=records.column_names,
        cache_file_name=str(out.with_suffix(".arrow")),
    )
    rendered.to_json(out, force_ascii=False)
    return out


def render_with_jinja(folder: Path, path: Path, out: Path) -> Path:
    """A sandboxed Jinja template, line by line."""
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    spelled = (
        WITH_INPUT.replace("{", "{{").replace("}", "}}"),
        WITHOUT_INPUT.replace("{", "{{").replace("}", "}}"),
    )
    text = "{% if input %}" + spelled[0] + "{% else %}" + spelled[1] + "{% endif %}"
    template = ImmutableSandboxedEnvironment(keep_trailing_newline=True).from_string(text)
    with path.open(encoding="utf-8", newline="\n") as lines, out.open("w", encoding="utf-8") as file:
        for line in lines:
            record = json.loads(line)
            rendered = {"prompt": template.render(record), "completion": record["output"]}
            file.write(json.dumps(rendered, ensure_ascii=False) + "\n")
    return out


def render_with_polars(folder: Path, path: Path, out: Path) -> Path:
    """The same columns as the studio has, written by hand for this one template."""
    import polars as pl

    before, middle, after = WITH_INPUT.replace("{instruction}", "\0").replace("{input}", "\0").split("\0")
    plain_before, plain_after = WITHOUT_INPUT.split("{instruction}")
    columns = pl.col("instruction"), pl.col("input")
    prompt = (
        pl.when(columns[1] != "")
        .then(pl.concat_str(pl.lit(before), columns[0], pl.lit(middle), columns[1], pl.lit(after)))
        .otherwise(pl.concat_str(pl.lit(plain_before), columns[0], pl.lit(plain_after)))
    )
    lines = pl.scan_ipc(folder / "table" / "records.arrow")
    lines.select(prompt.alias("prompt"), pl.col("output").alias("completion")).sink_ndjson(out)
    return out


def render_with_duckdb(folder: Path, path: Path, out: Path) -> Path:
    """The same by hand in SQL, from a Parquet file of the stored columns."""
    import duckdb

    spelled = {
        name: text.replace("{instruction}", "' || instruction || '").replace("{input}", "' || input || '")
        for name, text in (("with", WITH_INPUT), ("without", WITHOUT_INPUT))
    }
    prompt = f"CASE WHEN input <> '' THEN '{spelled['with']}' ELSE '{spelled['without']}' END AS prompt"
    stored = folder / "records.parquet"
    duckdb.sql(f"COPY (SELECT {prompt}, output AS completion FROM '{stored}') TO '{out}' (FORMAT json)")
    return out


def copy_bytes(folder: Path, path: Path, out: Path) -> Path:
    """`cp`, for a measure of the disk; it renders nothing."""
    subprocess.run(["cp", path, out], check=True)
    return out


def format_prompt(record: dict[str, Any]) -> str:
    return (WITH_INPUT if record["input"] else WITHOUT_INPUT).format(**record)


def load_cached(folder: Path, path: Path) -> Any:
    os.environ |= {"HF_HOME": str(folder), "HF_HUB_OFFLINE": "1", "HF_DATASETS_DISABLE_PROGRESS_BARS": "1"}
    from datasets import disable_progress_bars, load_dataset

    disable_progress_bars()
    return load_dataset("json", data_files=str(path), split="train", cache_dir=str(folder / "cache"))


WAYS: dict[str, Callable[[Path, Path, Path], Path]] = {
    "studio": render_with_studio,
    "studio-whole": render_whole,
    "loop": render_with_loop,
    "datasets": render_with_datasets,
    "jinja": render_with_jinja,
    "polars": render_with_polars,
    **({"duckdb": render_with_duckdb} if find_spec("duckdb") else {}),
    "cp": copy_bytes,
}


NEEDS = {
    "studio": "studio.pipeline",
    "studio-whole": "studio.pipeline",
    "loop": "jsonlines",
    "datasets": "datasets",
    "jinja": "jinja2.sandbox",
    "polars": "polars",
    "duckdb": "duckdb",
    "cp": "polars",
}
"""What each imports; that is part of its process, and not of its work."""


def digest(path: Path) -> str:
    """SHA-256 of every prompt and completion, however the lines are spelled."""
    found = hashlib.sha256()
    with path.open(encoding="utf-8", newline="\n") as lines:
        for line in lines:
            values = json.loads(line)
            if "prompt" not in values:
                return "-"
            found.update(f"{values['prompt']}\0{values['completion']}\0".encode())
    return found.hexdigest()[:12]


def run_way(name: str, folder: Path, path: Path) -> dict[str, Any]:
    """One way in a process and a folder of its own."""
    with tempfile.TemporaryDirectory(dir=folder) as own:
        command = [sys.executable, __file__, "--way", name, "--folder", str(folder), "--file", str(path)]
        started = time.perf_counter()
        done = subprocess.run([*command, "--out", f"{own}/out"], check=True, stdout=subprocess.PIPE)
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        took = time.perf_counter() - started
        return found | {"process": took, "digest": digest(Path(found["file"]))}


def measure(name: str, folder: Path, path: Path, out: Path) -> None:
    """Print what the way took, its peak memory, and where its lines are."""
    way = WAYS[name]
    os.environ |= {"HF_HOME": str(folder), "HF_HUB_OFFLINE": "1", "HF_DATASETS_DISABLE_PROGRESS_BARS": "1"}
    import_module(NEEDS[name])
    started = time.perf_counter()
    file = way(folder, path, out)
    seconds = time.perf_counter() - started
    status = Path("/proc/self/status").read_text()
    peak = int(status.split("VmHWM:")[1].split()[0]) / 1e3
    print(json.dumps({"seconds": seconds, "megabytes": peak, "file": str(file)}))


def compare_ways(folder: Path, path: Path, names: list[str], rounds: int) -> None:
    """Run all in turn, round by round, and print the medians."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    for _ in range(rounds):
        for name in names:
            found[name].append(run_way(name, folder, path))
    print(f"{'':14}{'work':>9}{'loop ÷ it':>11}{'process':>11}{'loop ÷ it':>11}{'peak':>10}   digest")
    for name, runs in found.items():
        work, process, peak = (
            statistics.median(run[key] for run in runs) for key in ("seconds", "process", "megabytes")
        )
        ratios = [ratio(found, name, key) for key in ("seconds", "process")]
        digests = " ".join(sorted({run["digest"] for run in runs}))
        print(
            f"{name:14}{work:7.2f} s{ratios[0]:>11}{process:9.2f} s{ratios[1]:>11}{peak:7.0f} MB   {digests}"
        )


def ratio(found: dict[str, list[dict[str, Any]]], name: str, key: str) -> str:
    """How many times as long the loop took in the same round; the median over the rounds."""
    if "loop" not in found:
        return ""
    pairs = zip(found["loop"], found[name], strict=True)
    return f"{statistics.median(loop[key] / own[key] for loop, own in pairs):.1f} ×"


def main() -> None:
    """Make the records and their store, and compare."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="*", choices=WAYS, default=list(WAYS))
    parser.add_argument("--way", help=argparse.SUPPRESS)
    for name in ("--folder", "--file", "--out"):
        parser.add_argument(name, type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.way:
        measure(asked.way, asked.folder, asked.file, asked.out)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_records(folder / "records.jsonl", asked.records)
        prepare(folder, folder / "records.jsonl")
        compare_ways(folder, folder / "records.jsonl", asked.only, asked.rounds)


if __name__ == "__main__":
    main()
