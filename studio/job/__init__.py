"""One background fine-tune: start, watch, wait, cancel, resume, list.

A job is a detached process and its run directory: `python -I -m studio.train runs/<id>`. It outlives the
server; any process that sees the folder can follow or cancel it. Knows nothing of torch, tables or screens.
"""

from studio.job.ending import cancel_job, enforce_stops
from studio.job.follow import (
    SORTS,
    describe_run,
    describe_runs,
    list_runs,
    summarize_run,
    wait_job,
    watch_job,
)
from studio.job.queue import revive_queue
from studio.job.request import BASE_MODELS, LABELS, check_request, label_base
from studio.job.resume import resume_job
from studio.job.shelf import delete_run, describe_removed, label_run, list_removed, remove_run, restore_run
from studio.job.start import WORKER, require_training, start_job, training_available
from studio.tokenizing import INSTALL_HINT

__all__ = [
    "BASE_MODELS",
    "INSTALL_HINT",
    "LABELS",
    "SORTS",
    "WORKER",
    "cancel_job",
    "check_request",
    "delete_run",
    "describe_removed",
    "describe_run",
    "describe_runs",
    "enforce_stops",
    "label_base",
    "label_run",
    "list_removed",
    "list_runs",
    "remove_run",
    "require_training",
    "restore_run",
    "resume_job",
    "revive_queue",
    "start_job",
    "summarize_run",
    "training_available",
    "wait_job",
    "watch_job",
]
