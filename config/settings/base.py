"""What every installation shares; addresses and secrets come from the environment only."""

from datetime import date
from pathlib import Path
from typing import Any

import environ
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent.parent
env = environ.Env()
if (BASE_DIR / ".env").exists():
    environ.Env.read_env(BASE_DIR / ".env")

VAR_DIR = Path(env("MULGIL_VAR", default=str(BASE_DIR / "var"))).resolve()
DEBUG = False
ALLOWED_HOSTS: list[str] = []
SECRET_KEY = env("SECRET_KEY", default="")
# Keys of the resident-number vault: 32 bytes each, base64. See core.privacy.
RRN_ENCRYPTION_KEY = env("RRN_ENCRYPTION_KEY", default="")
RRN_INDEX_KEY = env("RRN_INDEX_KEY", default="")
# Secrets of partners are derived from this: 32 bytes, base64. Unset: from the index key.
PARTNER_KEY = env("PARTNER_KEY", default="")
# Which books this installation keeps: "live", or "sandbox" with a database of its own.
PARTNER_MODE = env("PARTNER_MODE", default="live")
# Where the other one answers, for the developers' page; empty: not told.
PARTNER_SANDBOX_URL = env("PARTNER_SANDBOX_URL", default="")
# Whether webhooks may go to private addresses and without TLS: for a developer's own machine.
PARTNER_WEBHOOKS_PRIVATE = env.bool("PARTNER_WEBHOOKS_PRIVATE", default=False)
DEMO = env.bool("MULGIL_DEMO", default=False)
DEMO_PASSWORD = "mulgil-demo-2026"  # noqa: S105 - shown on the login page of a demo, nowhere else

STAGES = [
    "products",
    "sales",
    "contracts",
    "investments",
    "claims",
    "fds",
    "reinsurance",
    "accounting",
    "partners",
]
INSTALLED_APPS = [
    "core.admin_site.HouseAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.forms",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "django_filters",
    "django_htmx",
    "django_tables2",
    "pgtrigger",
    "template_partials",
    "core",
    *STAGES,
    "config",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "core.middleware.SessionLimitMiddleware",
    "core.middleware.ActorMiddleware",
    "core.replica.ReplicaMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "core.middleware.RefusalMiddleware",
    "axes.middleware.AxesMiddleware",
    "partners.views.rest.guard.DoorMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "core.frame.frame",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "template_partials.templatetags.partials",
                "core.templatetags.house",
            ],
        },
    }
]

DATABASES = {"default": env.db_url("DATABASE_URL", default="postgresql:///mulgil")}
if env("REPLICA_URL", default=""):  # a streaming replica that pages may read
    DATABASES["replica"] = env.db_url("REPLICA_URL")
    DATABASE_ROUTERS = ["core.replica.Router"]
for _database in DATABASES.values():
    _database |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
REDIS_URL = env("REDIS_URL", default="redis://127.0.0.1:6379/0")
_server, _number = REDIS_URL.rsplit("/", 1)
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": f"{_server}/{int(_number) + 1}",  # the broker's neighbour
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "core.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.5
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_ENABLE_ACCESS_FAILURE_LOG = True
AXES_SENSITIVE_PARAMETERS: list[str] = ["username", "password"]
AXES_LOCKOUT_TEMPLATE = "registration/locked.html"
SESSION_IDLE_SECONDS = 15 * 60
SESSION_COOKIE_AGE = 8 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_HTTPONLY = True
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

LANGUAGE_CODE = "ko"
LANGUAGES = [("ko", _("Korean")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Seoul"
USE_I18N = True
USE_TZ = True
USE_THOUSAND_SEPARATOR = True
FORMAT_MODULE_PATH = ["config.formats"]

STATIC_URL = "static/"
STATIC_ROOT = Path(env("STATIC_ROOT", default=str(VAR_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
if (BASE_DIR / "node_modules/.served").exists():  # what package.json names under "served"
    STATICFILES_DIRS.append(BASE_DIR / "node_modules/.served")
STORAGES: dict[str, Any] = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": VAR_DIR / "documents", "base_url": None},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
FILE_UPLOAD_PERMISSIONS = 0o600
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024

# The broker only wakes; another than Redis (amqp://… of a RabbitMQ cluster) may do it.
CELERY_BROKER_URL = env("BROKER_URL", default="") or REDIS_URL
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CONCURRENCY = 2
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "Asia/Seoul"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
if CELERY_BROKER_URL.startswith("redis"):
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "visibility_timeout": 600,  # over twice the longest task; the sweeper, not this, recovers
        "unacked_restore_interval": 1,
        "unacked_restore_throttle": 1,
    }
CELERY_BEAT_SCHEDULE = {
    "relay": {"task": "core.tasks.relay", "schedule": 3.0},
    "sweep": {"task": "core.tasks.sweep", "schedule": 60.0},
    "nightly": {"task": "core.tasks.wake_chain", "schedule": 20.0},
    "bulks": {"task": "partners.tasks.work_bulks", "schedule": 5.0},
    "webhooks": {"task": "partners.tasks.send_webhooks", "schedule": 5.0},
}
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
}
# For how long a process may show a person under a name that was changed since.
PEOPLE_SECONDS = 60
# For how long the counts behind the bell are kept; every page asks for them.
NOTICES_SECONDS = 60
FILTERS_EMPTY_CHOICE_LABEL = _("All")
DJANGO_TABLES2_TEMPLATE = "kit/_table.html"
FORM_RENDERER = "core.rendering.HouseRenderer"
ICONS_DIR = BASE_DIR / "node_modules/@tabler/icons/icons/outline"
ROLES = "config.roles.ROLES"
NAVIGATION = "config.navigation.NAVIGATION"
CHAIN: list[str] | str = "config.chain.CHAIN"
CHAIN_TARGET = "config.chain.target"
# An installation that lives in its own time (a rehearsal, a demonstration, a test) names the last
# business date whose night may run; without one the chain follows the calendar.
CHAIN_UNTIL = date.fromisoformat(env("CHAIN_UNTIL")) if env("CHAIN_UNTIL", default="") else None
# For how long a worker may be silent over a chunk before another takes it.
CHAIN_LEASE_SECONDS = env.int("CHAIN_LEASE_SECONDS", default=300)
# How many workers the leader of the chain calls to each step: all processes of all hosts but one.
CHAIN_HELPERS = env.int("CHAIN_HELPERS", default=1)
# A replica further behind is not read; who wrote reads the primary for a while; how often to look.
REPLICA_MAX_LAG_SECONDS = env.float("REPLICA_MAX_LAG_SECONDS", default=2.0)
REPLICA_FRESH_SECONDS = env.int("REPLICA_FRESH_SECONDS", default=10)
REPLICA_LOOK_SECONDS = 1.0
# Monthly commission statements: paid at night without a person only where this says so.
SETTLEMENT_AUTO_RELEASE = env.bool("SETTLEMENT_AUTO_RELEASE", default=False)
