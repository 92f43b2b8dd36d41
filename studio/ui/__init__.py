"""The screen, and the only home of gradio: a Gradio application whose look is our own.

    app         build_ui: the frame with seven tabs; mount_ui: put it into the web application
    place       URL ↔ ids: which table and run a page is about, and what each stage holds
    notices     a StudioError in the page's words
    widgets     the page's own views, and how an event is wired
    theme       Gradio's theme in the design language
    <stage>_tab one file per stage: load, browse, prompt, split, export, finetune, compare

A handler collects, calls one core function, and shapes the outputs. Data reaches the page as values, never as
markup: the scripts under assets/ draw it as text. Nothing is imported here.
"""
