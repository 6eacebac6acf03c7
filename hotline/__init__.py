"""The portal of an internet hotline. `create_app` builds it for one surface, step by step."""

import os
from collections.abc import Callable, Mapping

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from hotline import cli, extensions, i18n, jurisdiction, logs, models, outbox, security, vault
from hotline.blueprints import errors, health
from hotline.blueprints.desk import surface as desk_surface
from hotline.blueprints.public import counters, style
from hotline.blueprints.public import surface as public_surface
from hotline.config import Settings
from hotline.errors import SettingsError
from hotline.gateways import mail
from hotline.gateways.dns import DnsResolver
from hotline.gateways.iccam import IccamClient
from hotline.gateways.probe import HttpProbe
from hotline.gateways.rdap import OWN_BOOTSTRAP, Bootstrap, RdapClient
from hotline.services import unsettled
from hotline.vocabulary import Surface

__all__ = ["create_app", "models"]

MAX_BODY = 64 * 1024


def create_app(surface: Surface | str, environ: Mapping[str, str] | None = None) -> Flask:
    """Build the app for `surface`. Raises SettingsError, in one line, when a setting or key is missing or wrong.

    It does so too while a restore is not at its end: commands are refused one by one, since `restore` is one of them.
    """
    surface = Surface(surface)
    settings = Settings.from_environ(os.environ if environ is None else environ, surface)
    if surface is not Surface.OFFICE:
        unsettled.refuse(settings)
    app = Flask(__name__, static_folder=None if surface is Surface.PUBLIC else "static")
    app.extensions["hotline.settings"] = settings
    app.extensions["hotline.surface"] = surface
    app.extensions["hotline.jurisdiction"] = jurisdiction.load(settings.jurisdiction)
    for step in STEPS:
        step(app, settings, surface)
    return app


def _configure(app: Flask, settings: Settings, surface: Surface) -> None:
    logs.set_up(settings.log_level)
    binds = {extensions.FRONT: _engine(settings.front_database_url)}
    has_desk = surface is not Surface.PUBLIC
    app.config.update(
        MAX_CONTENT_LENGTH=MAX_BODY,
        MAX_FORM_MEMORY_SIZE=MAX_BODY,
        MAX_FORM_PARTS=64,
        SQLALCHEMY_BINDS=binds | ({None: _engine(settings.database_url)} if has_desk else {}),
        RATELIMIT_STORAGE_URI=counters.URI,
        RATELIMIT_HEADERS_ENABLED=False,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_CHECK_DEFAULT=False,  # the public forms have a token of their own, the desk's guard asks for its
        WTF_CSRF_SSL_STRICT=False,  # it wants a Referer, which our pages never send; `security.is_foreign` asks instead
        BABEL_DEFAULT_TIMEZONE="Asia/Phnom_Penh",
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True


def _engine(url: str) -> dict[str, object]:
    """Return how to reach a store. A server may have been restarted since: its connections are asked before use."""
    return {"url": url, "pool_pre_ping": not url.startswith("sqlite:")}


def _load_keys(app: Flask, settings: Settings, surface: Surface) -> None:
    try:
        app.extensions["hotline.keyring"] = vault.load_for(surface, settings.keys_dir)
    except SettingsError:
        if surface is not Surface.OFFICE:
            raise
        # `flask prepare` makes what is missing, on the first day and after an upgrade; who needs a key is refused there
        app.extensions["hotline.keyring"] = vault.Keyring()
    app.config["SECRET_KEY"] = app.extensions[
        "hotline.keyring"
    ].desk_secret  # None on the public site: it signs nothing


def _bind_extensions(app: Flask, settings: Settings, surface: Surface) -> None:
    extensions.db.init_app(app)
    with app.app_context():
        for store, engine in extensions.db.engines.items():
            extensions.tune(engine, one_writer=store is None)
    extensions.babel.init_app(app, locale_selector=lambda: str(i18n.chosen()))
    extensions.limiter.init_app(app)
    extensions.csrf.init_app(app)
    extensions.htmx.init_app(app)
    if surface is not Surface.PUBLIC:
        extensions.login.init_app(app)
        app.extensions["hotline.queue"] = outbox.make_queue(settings.redis_url)
        app.extensions["hotline.mailer"] = mail.make_mailer(
            settings.smtp_url, letters=settings.data_dir / "letters", keyring=app.extensions["hotline.keyring"]
        )
        if settings.iccam_url:
            app.extensions["hotline.iccam"] = IccamClient(settings.iccam_url, settings.iccam_cert, settings.iccam_key)
        if settings.check_proxy:
            app.extensions["hotline.probe"] = HttpProbe(settings.check_proxy)
        app.extensions["hotline.resolver"] = DnsResolver(settings.dns_servers)
        app.extensions["hotline.registries"] = RdapClient(
            Bootstrap.from_folder(settings.rdap_bootstrap or OWN_BOOTSTRAP)
        )


def _open_doors(app: Flask, settings: Settings, surface: Surface) -> None:
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    if surface is Surface.OFFICE:
        cli.install(app)
        return
    app.register_blueprint(health.bp)
    if surface in {Surface.PUBLIC, Surface.ALL}:
        public_surface.install(app)
    if surface in {Surface.DESK, Surface.ALL}:
        desk_surface.install(app)
    errors.install(app)
    security.install(app, public_style=style.source())


STEPS: tuple[Callable[[Flask, Settings, Surface], None], ...] = (
    _configure,
    _load_keys,
    _bind_extensions,
    _open_doors,
)
