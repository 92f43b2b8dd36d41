"""The child process of a fine-tune, started as `python -I -m studio.train runs/<id>`; nobody imports it.

    __main__    the worker: lock, heartbeat, log, and what an error means
    flow        a run from the first line read to the last score written: start reading here
    report      states and events on their way to the run's folder
    pulse       the heartbeat
    data        the frozen parts as rows, and what truncation costs
    tiny        the demo base model and its tokenizer, made from the train part
    optimizer   Muon for the hidden matrices, AdamW for the rest, as one optimizer
    batches     rows of like lengths, about the same number of tokens in each batch
    trainer     TRL's SFTTrainer with every default said aloud
    fit         how many steps, and from where
    calibrating a few seconds of it, to say before how long it takes; a child process of its own
    device      what is computed on, and the memory held there
    voice       what is said on the way, and when it is saved or stopped
    samples     what is answered on the way
    checkpoints whole, or not there
    decode      the tokens of an answer: greedy, or drawn with a seed
    score       losses and completions of a saved model
    card        the README of a finished run

The only home of torch, transformers and trl.
"""
