"""One job from its inputs to its delivered tables."""

from dataclasses import dataclass

from .inputs import Inputs, UsageError
from .job import Engine, Settings, Stop, Task, execute, plan
from .manifest import Model, Totals, add_up, begin, drop_shards
from .output import Output, deliver, error_examples, is_whole, locked, require_vacant
from .schema import require_free_names
from .shards import read_commits

_EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Report:
    """What a job came to."""

    totals: Totals
    before: Totals
    """What of it was there when the job was resumed."""
    error_examples: list[str]
    """The first few records that could not be read; empty where the job had been finished before."""


def run(
    inputs: Inputs,
    output: Output,
    settings: Settings,
    model: Model,
    engine: Engine,
    *,
    resume: bool = False,
    overwrite: bool = False,
    strict: bool = False,
    stop: Stop = lambda: False,
) -> Report:
    """Score all inputs into an output, from where a job on it left off.

    Parameters
    ----------
    engine
        From :func:`reportedly.archive.job.in_process` or another that scores partitions.
    resume, overwrite
        Continue the job that the output holds, or replace it. Without either, an output that exists is refused.
    strict
        Stop at the first record that cannot be read, rather than to list it in the table of errors.
    stop
        Asked after each shard.

    Raises
    ------
    UsageError
        Where the output cannot be used, or was begun with something else. Nothing is changed then.
    ClusterError, InputLostError, InterruptedJobError, OSError, StrictError
        Where the job stops before its end. Finished shards stay, and the job can be resumed.
    """
    require_free_names(settings.reading.keep)
    require_vacant(output, overwrite=overwrite)
    partitions = plan(inputs.files, settings) if settings.part else None
    if partitions == []:
        raise UsageError(
            f"--part {settings.part}: is empty, as the inputs cannot be cut into so many "
            "(compressed files, CSV and WARC are not cut); ask for fewer"
        )
    with locked(output):
        finished = begin(
            output.folder,
            inputs.files,
            settings,
            model,
            output.articles_from_home,
            resume=resume,
            overwrite=overwrite,
        )
        if finished is not None and output.sentences is not None and is_whole(output):
            drop_shards(output.folder)  # a kill may have come between the end of the job and this
            return Report(finished, finished, [])
        before = add_up([commit for run in read_commits(output.folder).values() for commit in run])
        task = Task(output.folder, settings, model.hash, strict)
        commits = execute(task, partitions or plan(inputs.files, settings), engine, stop)
        totals = add_up(commits)
        examples = error_examples(output, commits, _EXAMPLES)
        deliver(output, commits, totals, settings.kept)
    return Report(totals, before, examples)
