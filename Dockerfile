# One image for web, worker, scheduler and migrate. Nothing secret is in it; all settings come from the environment.

FROM node:24-slim AS front-end
WORKDIR /source/web/door
COPY web/door/package.json web/door/package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts
COPY shared/config.py /source/shared/config.py
COPY shared/locale /source/shared/locale
COPY web/door ./
RUN npm run build

FROM python:3.12-slim AS build
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
# The running user may not write what it compiles: each start would compile everything, 2 s in each process.
ENV UV_COMPILE_BYTECODE=1
WORKDIR /source
COPY requirements.lock pyproject.toml ./
# uv and setuptools as locked, each with its hash.
RUN awk '/^[^ #]/ { keep = /^(uv|setuptools)==/ } keep' requirements.lock > tools.lock \
    && pip install --no-cache-dir --require-hashes --no-deps -r tools.lock
# What pyproject.toml needs at run time and for backups, and no group, in the versions of the lock. Given as constraints
# its hashes are checked all the same; tests/test_deployment.py corrupts one and sees it refused.
RUN uv venv /app \
    && VIRTUAL_ENV=/app uv pip install --no-cache --require-hashes -r pyproject.toml --extra backup -c requirements.lock
COPY README.md LICENSE ./
COPY shared shared
COPY worker worker
COPY web web
COPY --from=front-end /source/web/static/built web/static/built
RUN uv build --quiet --wheel --no-build-isolation \
    && VIRTUAL_ENV=/app uv pip install --no-cache --no-deps dist/*.whl

FROM python:3.12-slim
RUN useradd --system --uid 10001 --no-create-home turnout
COPY --from=build /app /app
ENV PATH=/app/bin:$PATH \
    LANG=C.UTF-8 \
    MALLOC_ARENA_MAX=2 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
WORKDIR /tmp
USER 10001
EXPOSE 8000
# For the web tier; docker-compose.yml turns it off for the others.
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
ENTRYPOINT ["turnout"]
CMD ["web", "--host", "0.0.0.0"]
