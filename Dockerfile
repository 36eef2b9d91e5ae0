# syntax=docker/dockerfile:1
# AISHA in two stages: built with the whole toolchain, shipped with nothing but the program.
#
#     docker build --tag aisha:0.1.0 .

FROM docker.io/library/rust:1.95-bookworm AS build
WORKDIR /src
COPY . .
# The cache mounts keep crates and objects between builds; the program is copied out of them.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --bin aisha \
    && install -D target/release/aisha /out/aisha

FROM docker.io/library/debian:bookworm-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 aisha \
    && useradd --uid 10001 --gid aisha --no-create-home --home-dir /var/lib/aisha --shell /usr/sbin/nologin aisha \
    && install -d -o aisha -g aisha -m 0750 /var/lib/aisha /var/log/aisha /var/backups/aisha
COPY --from=build /out/aisha /usr/local/bin/aisha

# Production refuses the sandbox and every embedded default that is not named on purpose.
ENV AISHA_ENV=production \
    DATA_DIR=/var/lib/aisha \
    LOG_FILE=/var/log/aisha/app.log \
    HTTP_BIND=0.0.0.0:8080
USER 10001:10001
WORKDIR /var/lib/aisha
VOLUME ["/var/lib/aisha", "/var/log/aisha", "/var/backups/aisha"]
EXPOSE 8080
# Asked by the program itself; it needs no shell and no curl.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["aisha", "health"]
# SIGTERM: it takes nothing new, finishes for up to 20 s, leaves the rest to the rows and exits with 0.
STOPSIGNAL SIGTERM
ENTRYPOINT ["aisha"]
CMD ["serve"]
