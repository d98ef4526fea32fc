# syntax=docker/dockerfile:1
# SentinAI as one image: the desk is built first and ends up inside the binary.

FROM node:22-bookworm-slim AS desk
WORKDIR /src/ui
COPY ui/package.json ui/package-lock.json ./
# No install scripts: the only one unpacks a PostgreSQL, which this image does not use.
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts --no-audit --no-fund
COPY ui/ ./
RUN npm run build

FROM rust:1-slim-bookworm AS binary
WORKDIR /src
# Statements are checked against the data committed in .sqlx; no database is needed to build.
ENV SQLX_OFFLINE=true
COPY . .
COPY --from=desk /src/ui/dist ui/dist
# The caches outlive the build, so the binary is copied out of them.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --package server --bin sentinai \
    && cp target/release/sentinai /usr/local/bin/sentinai

FROM debian:bookworm-slim
# Certificates for calls to tools and webhooks over TLS.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/sentinai --create-home --shell /usr/sbin/nologin sentinai
COPY --from=binary /usr/local/bin/sentinai /usr/local/bin/sentinai
USER sentinai
WORKDIR /var/lib/sentinai
ENV SENTINAI_HOME=/var/lib/sentinai
EXPOSE 8000
ENTRYPOINT ["sentinai"]
CMD ["serve"]
