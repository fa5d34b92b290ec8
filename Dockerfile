# docker build --tag ficshelf .
# docker run --env DISCORD_TOKEN --volume ficshelf:/data ficshelf
# docs/operations.md has the whole of it.

FROM python:3.13-slim AS packages
# requirements-web.txt for links as well: docs/links.md
ARG REQUIREMENTS=requirements.txt
COPY requirements*.txt /tmp/
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes \
      --requirement "/tmp/${REQUIREMENTS}"

FROM python:3.13-slim
# The same numbers wherever it runs, so that a volume keeps its owner.
RUN groupadd --gid 10001 ficshelf \
 && useradd --uid 10001 --gid ficshelf --home-dir /data --no-create-home --shell /usr/sbin/nologin \
      ficshelf \
 && install --directory --owner=ficshelf --group=ficshelf --mode=0750 /data
COPY --from=packages /venv /venv
COPY bot.py config.example.toml LICENSE /app/
COPY cogs /app/cogs
COPY db /app/db
RUN /venv/bin/python -m compileall -q /app
ENV PATH="/venv/bin:${PATH}" PYTHONDONTWRITEBYTECODE=1

USER 10001:10001
# config.toml, if there is one, the library, and its heartbeat.
WORKDIR /data
VOLUME /data
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=60s --timeout=10s --start-period=120s --retries=3 \
  CMD ["python", "/app/bot.py", "run", "--healthcheck"]
ENTRYPOINT ["python", "/app/bot.py"]
CMD ["run"]
