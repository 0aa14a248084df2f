# One image for every part of the line: the command after the image's name says which (serve, watch, work, console).
FROM python:3.11-slim-bookworm AS build
WORKDIR /build
COPY requirements.txt requirements-build.txt ./
RUN python -m venv /opt/poststrasse \
    && /opt/poststrasse/bin/pip install --no-cache-dir --require-hashes -r requirements-build.txt \
    && /opt/poststrasse/bin/pip install --no-cache-dir --require-hashes --no-build-isolation -r requirements.txt
COPY pyproject.toml README.md LICENSE ./
COPY pipeline pipeline
COPY workers workers
COPY console console
COPY samples samples
RUN /opt/poststrasse/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.11-slim-bookworm
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends \
        tesseract-ocr tesseract-ocr-deu tesseract-ocr-osd fonts-liberation2 tzdata \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 990 --home-dir /spool --shell /usr/sbin/nologin poststrasse \
    && install --directory --owner poststrasse --mode 0750 /spool
COPY --from=build /opt/poststrasse /opt/poststrasse
COPY profiles /etc/poststrasse/profiles
ENV PATH=/opt/poststrasse/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    POSTSTRASSE_ROOT=/spool \
    POSTSTRASSE_PROFILES=/etc/poststrasse/profiles
USER poststrasse
WORKDIR /spool
VOLUME /spool
# Healthy: the ledger answers. Whether watcher and workers live is what `status` prints.
HEALTHCHECK --interval=60s --timeout=30s --start-period=30s --retries=3 CMD ["poststrasse", "status"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["poststrasse"]
CMD ["serve"]
