"""ementor: the session room for peer mentoring groups."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from ementor import broadcast, config, cookies, i18n, websocket
from ementor.accounts import services as accounts
from ementor.assets import init_assets
from ementor.database import db, init_database
from ementor.door import Door
from ementor.extensions import babel, csrf, limiter, login_manager, migrate, socketio
from ementor.relay import Relay
from ementor.web import init_web

__all__ = ["create_app"]


def create_app(settings: Mapping[str, Any] | None = None) -> Flask:
    """Build the app: settings given first, then the environment, then defaults."""
    # Importing the features registers their models and socket events; Socket.IO is bound
    # last, because events registered later are missing from the next app a test builds.
    from ementor import cli
    from ementor.about import views as about
    from ementor.accounts import views as account_views
    from ementor.accounts.addresses import views as addresses
    from ementor.accounts.devices import views as devices
    from ementor.accounts.merging import views as merging
    from ementor.archive import cli as archive_commands
    from ementor.archive import personal as personal_archive
    from ementor.archive import views as archive
    from ementor.groups import personal as personal_groups
    from ementor.groups import views as group_views
    from ementor.mail import models as mail
    from ementor.meetings import personal as personal_meetings
    from ementor.meetings import sockets as meeting_sockets
    from ementor.meetings import views as meetings
    from ementor.mine import views as my_notes
    from ementor.mine.data import views as my_data
    from ementor.notes import personal as personal_notes
    from ementor.notes import sockets as note_sockets
    from ementor.practice import views as practice
    from ementor.reflections import personal as personal_reflections
    from ementor.reflections import views as reflections
    from ementor.series import cli as series_commands
    from ementor.series import mine
    from ementor.series import personal as personal_series
    from ementor.series import views as series
    from ementor.series.plans import views as plans
    from ementor.writings import personal as personal_writings
    from ementor.writings import views as writings

    app = Flask(
        __name__,
        template_folder=str(config.ROOT / "templates"),
        static_folder=None,
    )
    app.config.from_mapping(config.settings_from(settings))
    app.session_interface = cookies.Sessions()
    init_database(app)
    migrate.init_app(app, db, directory=str(Path(__file__).parent / "migrations"), render_as_batch=True)
    babel.init_app(app, locale_selector=i18n.choose, timezone_selector=i18n.zone)
    csrf.init_app(app)
    limiter.init_app(app)
    login_manager.init_app(app)
    login_manager.user_loader(accounts.person_of)
    login_manager.unauthorized_handler(_stranger)
    init_web(app)
    init_assets(app)
    features = (
        *(account_views, devices, addresses, merging, group_views, meetings, writings, reflections, archive),
        *(series, plans, practice, my_notes, my_data, about),
    )
    for feature in features:
        app.register_blueprint(feature.bp)
    app.cli.add_command(cli.commands)
    app.extensions["imported"] = (
        archive_commands,
        series_commands,
        note_sockets,
        meeting_sockets,
        mine,
        mail,
        personal_groups,
        personal_meetings,
        personal_notes,
        personal_writings,
        personal_reflections,
        personal_archive,
        personal_series,
    )
    socketio.init_app(
        app,
        client_manager=Relay(app.config["REDIS_URL"]) if app.config["REDIS_URL"] else broadcast.Rooms(),
        async_mode=app.config.get("ASYNC_MODE") or "threading",
        async_handlers=False,
        manage_session=False,
        cors_allowed_origins=app.config["ORIGINS"] or None,
        transports=["websocket"],
        ping_interval=websocket.PING_AFTER_S,
        ping_timeout=websocket.PATIENCE_S - websocket.PING_AFTER_S,
        monitor_clients=False,
        max_http_buffer_size=websocket.MAX_MESSAGE_BYTES,
        http_compression=False,
    )
    broadcast.install(socketio.server)
    app.extensions["door"] = Door(app, app.wsgi_app)
    app.wsgi_app = app.extensions["door"]  # type: ignore[method-assign]
    if app.config["PROXIES"]:
        hops = app.config["PROXIES"]
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


def _stranger() -> Any:
    """Answer somebody whom this device does not know as if there were nothing here."""
    from flask_babel import gettext

    from ementor.errors import NotFound

    raise NotFound(
        gettext(
            "This device isn't recognised. Open the group's link again, or ask the person who invited you "
            "to send it."
        )
    )
