# The API, and the `daytona-auth` command. From the root of the repository:
#   docker build -f docker/api.Dockerfile -t daytona-auth-api .
# The file system may be read-only: nothing is written.
ARG NODE_IMAGE=docker.io/library/node:26.10.0-bookworm-slim

# Dependencies: the same text in all three images, so that they share a layer that is independent of source changes.
# For a private registry pass an .npmrc with its token, and for a proxy that inspects TLS its certificate:
#   --secret id=npmrc,src=$HOME/.npmrc --secret id=ca,src=/etc/ssl/certs/ca-certificates.crt
FROM ${NODE_IMAGE} AS dependencies
WORKDIR /src
RUN --mount=type=secret,id=npmrc,target=/root/.npmrc --mount=type=secret,id=ca \
    npm install --global --no-audit --no-fund pnpm@12.21.0
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml ./
COPY apps/oidc/patches apps/oidc/patches/
COPY packages/db/patches packages/db/patches/
COPY packages/accounts/package.json packages/accounts/
COPY packages/auth/package.json packages/auth/
COPY packages/configuration/package.json packages/configuration/
COPY packages/db/package.json packages/db/
COPY packages/protocol/package.json packages/protocol/
COPY packages/sdk/package.json packages/sdk/
COPY packages/server/package.json packages/server/
COPY packages/service/package.json packages/service/
COPY packages/signing-keys/package.json packages/signing-keys/
COPY packages/testing/package.json packages/testing/
COPY apps/api/package.json apps/api/
COPY apps/dashboard/package.json apps/dashboard/
COPY apps/oidc/package.json apps/oidc/
COPY apps/ops/package.json apps/ops/
COPY apps/standalone/package.json apps/standalone/
RUN --mount=type=secret,id=npmrc,target=/root/.npmrc --mount=type=secret,id=ca \
    --mount=type=cache,id=pnpm,target=/pnpm \
    pnpm install --prod --frozen-lockfile --store-dir=/pnpm \
    --filter=@daytona-auth/standalone... --filter=@daytona-auth/ops...

# The `daytona-auth` command.
FROM dependencies AS command
COPY . .
RUN node apps/ops/build.ts && chmod -R u=rwX,go=rX apps/ops/dist

# Node's image without installers, headers and documentation, and without setuid programs. dpkg's list of installed
# packages stays, for scanners.
FROM ${NODE_IMAGE} AS system
RUN rm -rf /opt/yarn* /usr/local/include /usr/local/lib/node_modules /usr/local/share /usr/local/[A-Z]* \
      /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/yarn* /usr/local/bin/corepack /usr/local/bin/pn* \
      /usr/local/bin/docker-entrypoint.sh /usr/bin/apt* /usr/bin/dpkg* /usr/bin/perl* /usr/sbin/dpkg* /usr/lib/apt \
      /usr/lib/dpkg /usr/lib/*/libapt-* /usr/lib/*/perl* /usr/share/perl* /usr/share/doc /usr/share/man /usr/share/info \
      /usr/share/locale /usr/share/bash-completion /etc/apt /etc/dpkg /etc/cron* /var/lib/apt /var/lib/dpkg/info \
      /var/cache /var/log /var/lock /var/tmp /run/* \
 && find / -xdev -type f -perm /6000 -exec chmod a-s {} + \
 && echo 'daytona-auth:x:10001:10001::/nonexistent:/usr/sbin/nologin' >> /etc/passwd \
 && echo 'daytona-auth:x:10001:' >> /etc/group \
 && ln -s /app/daytona-auth/main.js /usr/local/bin/daytona-auth
COPY --chmod=0444 docker/healthcheck.mjs /app/healthcheck.mjs

# Two layers, without deleted files in lower ones. All text up to here is the same in all three images: a builder builds
# these layers once, and registries and nodes store them once.
FROM scratch AS base
COPY --from=system / /
COPY --from=command --chown=0:0 /src/apps/ops/dist /app/daytona-auth
ENV PATH=/usr/local/bin:/usr/bin:/bin \
    NODE_ENV=production \
    HOST=0.0.0.0
WORKDIR /app

# The bundle, with a list of its packages (CycloneDX) beside it.
FROM command AS build
RUN node apps/api/build.ts

# Creates V8's code cache beside the bundle as the user that reads it: the start compiles everything and then fails, because
# it has no configuration. Afterwards that user cannot write it.
FROM system AS runtime
COPY --from=build /src/apps/api/dist /app/api
RUN install -d -o 10001 -g 10001 /app/api/compile-cache \
 && ! chroot --userspec=10001:10001 / env -i /usr/local/bin/node /app/api/main.js 2> /dev/null \
 && chown -R 0:0 /app && chmod -R u=rwX,go=rX /app && ls /app/api/compile-cache/*

FROM base
COPY --from=runtime /app/api /app/api
ARG VERSION=0.1.0
ARG REVISION=unknown
ARG CREATED=unknown
ARG SOURCE=unknown
LABEL org.opencontainers.image.title="Daytona Auth API" \
      org.opencontainers.image.description="API keys, organizations, permissions and audit; decides authorization" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}" \
      org.opencontainers.image.source="${SOURCE}"
ENV PORT=3000
USER 10001:10001
EXPOSE 3000 9464
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=4s --start-period=20s CMD ["node", "/app/healthcheck.mjs", "/health"]
CMD ["node", "/app/api/main.js"]
