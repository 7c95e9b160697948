# The production image: locked packages, front-end assets and messages, no compiler, no root.
FROM python:3.13-slim AS build
WORKDIR /app
COPY requirements.lock requirements-prod.lock requirements-node.lock package.json package-lock.json pyproject.toml ./
COPY config/__init__.py config/bootstrap.py config/
RUN python config/bootstrap.py python assets
COPY . .
RUN python config/bootstrap.py messages
# a second environment with what production needs, and nothing that only developers use
RUN python -m venv /venv \
 && .venv/bin/uv pip sync -q --python /venv/bin/python --require-hashes requirements-prod.lock \
 && SECRET_KEY=only-to-collect-files-never-used-to-serve-anything MULGIL_VAR=/app/var \
    DJANGO_SETTINGS_MODULE=config.settings.prod DATABASE_URL=postgresql://none/none \
    /venv/bin/python manage.py collectstatic --noinput -v0 \
 && find node_modules -type f -not -path '*/@tabler/icons/icons/outline/*' -delete \
 && rm -rf .venv

FROM python:3.13-slim
RUN useradd --system --home-dir /app --shell /usr/sbin/nologin mulgil \
 && mkdir -p /data && chown mulgil /data
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=config.settings.prod \
    STATIC_ROOT=/app/var/static \
    MULGIL_VAR=/data
USER mulgil
EXPOSE 8000
CMD ["gunicorn", "config.wsgi", "--bind", "0.0.0.0:8000", "--workers", "3", "--threads", "4", "--worker-tmp-dir", "/dev/shm", "--no-control-socket", "--access-logfile", "-"]
