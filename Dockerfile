# Every image is built from Debian and Debian's packages alone, for amd64 and arm64. What builds is not in what runs.
#   control   our programs: control, gateway, storage, daemon
#   ergo, prosody, edge, docker-proxy   one server each

# Debian itself, or a copy of it under another name.
ARG BASE=debian:trixie-slim
FROM ${BASE} AS base
ARG DEBIAN_FRONTEND=noninteractive
# The same user in every image: the servers read what control writes, from volumes that hold no more than each of them needs.
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin kosmos \
 && install -d -o kosmos -g kosmos -m 0700 /backups /data /data/edge /data/ergo /data/prosody /data/tls \
 && install -d /run/docker-proxy

FROM base AS node
ARG DEBIAN_FRONTEND=noninteractive
RUN apt-get update -qq \
 && apt-get install -y -qq --no-install-recommends ca-certificates nodejs openssl >/dev/null \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/*

FROM node AS npm
ARG DEBIAN_FRONTEND=noninteractive
RUN apt-get update -qq \
 && apt-get install -y -qq --no-install-recommends g++ libnode-dev make npm python3 >/dev/null \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/*
WORKDIR /app
COPY package.json package-lock.json ./
COPY server/package.json server/
COPY web/package.json web/

FROM npm AS modules
# Where no ready-made database driver fits, it is compiled: against the headers that Debian ships.
RUN npm_config_nodedir=/usr npm ci --omit=dev --workspace=server --include-workspace-root=false --no-audit --no-fund --loglevel=error

FROM npm AS build
# Scripts of packages are not needed to build, so they do not run.
RUN npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
COPY tsconfig.json ./
COPY server server
RUN npm run build --workspace=server --silent
COPY web web
RUN npm run build --workspace=web --silent

FROM node AS control
ARG DEBIAN_FRONTEND=noninteractive
RUN apt-get update -qq \
 && apt-get install -y -qq --no-install-recommends openssh-client restic >/dev/null \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/*
COPY --from=modules /app/node_modules /app/node_modules
COPY --from=modules /app/server/node_modules /app/server/node_modules
COPY package.json /app/
COPY server/package.json /app/server/
COPY deploy /app/deploy
COPY --from=build /app/server/dist /app/server/dist
COPY --from=build /app/web/dist /app/web/dist
ENV KOSMOS_DATA=/data KOSMOS_DRIVER=docker KOSMOS_HOST=0.0.0.0 KOSMOS_INTERNAL_PORT=8081 NODE_ENV=production
WORKDIR /app
USER kosmos
# A small young generation: 30 MB less in each of our programs.
ENTRYPOINT ["node", "--max-semi-space-size=2"]
CMD ["server/dist/control/main.js"]

FROM node AS ergo
ARG DEBIAN_FRONTEND=noninteractive
RUN apt-get update -qq \
 && apt-get install -y -qq --no-install-recommends ergochat >/dev/null \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/*
COPY deploy/containers /app/deploy/containers
COPY deploy/ergo /app/deploy/ergo
USER kosmos
CMD ["/app/deploy/containers/server", "/data/ergo", "ircd.yaml", "ergochat", "run", "--conf", "/data/ergo/ircd.yaml"]

FROM base AS prosody
ARG DEBIAN_FRONTEND=noninteractive
RUN apt-get update -qq \
 && apt-get install -y -qq --no-install-recommends \
      ca-certificates lua-dbi-sqlite3 lua-event lua-unbound prosody prosody-modules >/dev/null \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/*
COPY deploy/containers /app/deploy/containers
COPY deploy/prosody /app/deploy/prosody
USER kosmos
CMD ["/app/deploy/containers/server", "/data/prosody", "prosody.cfg.lua", "prosody", "--config", "/data/prosody/prosody.cfg.lua", "-F"]

FROM base AS edge
ARG DEBIAN_FRONTEND=noninteractive
RUN apt-get update -qq \
 && apt-get install -y -qq --no-install-recommends ca-certificates caddy >/dev/null \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/*
COPY deploy/containers /app/deploy/containers
ENV XDG_CONFIG_HOME=/tmp XDG_DATA_HOME=/data/edge
USER kosmos
CMD ["/app/deploy/containers/server", "/data/edge", "caddy.json", "caddy", "run", "--config", "/data/edge/caddy.json"]

FROM base AS docker-proxy
ARG DEBIAN_FRONTEND=noninteractive
RUN apt-get update -qq \
 && apt-get install -y -qq --no-install-recommends haproxy >/dev/null \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/*
COPY deploy/containers /app/deploy/containers
# The socket of the engine belongs to root; the container has no capability, no network and no writable file.
USER root
CMD ["haproxy", "-db", "-f", "/app/deploy/containers/docker-proxy.cfg"]
