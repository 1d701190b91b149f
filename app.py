"""Build the app for ``flask --app app``, and serve it for ``python app.py``."""

from __future__ import annotations

from gevent import monkey

monkey.patch_all()  # before anything else opens a socket

import sys  # noqa: E402

from ementor import create_app  # noqa: E402

if __name__ == "__main__":
    application = create_app({"ASYNC_MODE": "gevent"})
    if len(sys.argv) > 1:
        from ementor.cli import run

        run(application, sys.argv[1:])
    else:
        from ementor import clock, config, maintenance
        from ementor.serve import serve

        config.refuse_unsafe(application.config)
        clock.never_go_back()
        serve(application)
        with application.app_context():
            maintenance.close()
else:
    app = create_app({"ASYNC_MODE": "gevent"})
