"""The web boundary: one FastAPI application with the guard around everything, the screen mounted below it.

    guard       which requests may pass at all, and the headers of every answer
    login       the name and password that stand before an exposed studio
    refusals    a problem as JSON: {"error": …, "hint": …}; the net below which no traceback falls
    logs        where the server and the bugs write
    searches    searches and statistics that go on in the background
    api/        /api/v1: tables, rows, records, uploads, exports, runs
    app         create_app: all of it put together
    serve       the listening server

Nothing is imported here.
"""
