"""Models of a finished run that answer on demand, each in a child process of its own.

    opening      base, tuned or a checkpoint, read back from disk, with the hash of its weights
    evaluating   python -m studio.train.answering.evaluating: the whole test part, as the run itself does it
    models       some of them in memory, that answer one prompt at the same time
    trying       python -I -m studio.train.answering.trying: one prompt after another, token by token

Nobody imports it: `studio.answers` starts it.
"""
