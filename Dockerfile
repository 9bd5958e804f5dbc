# A base with Node 20.19 or newer and npm; give another one with --build-arg BASE=...
ARG BASE=docker.io/library/node:22-bookworm-slim

FROM ${BASE} AS build
WORKDIR /squall
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY . .
RUN npm run build && npm prune --omit=dev --ignore-scripts \
    && rm -rf dist/test dist/bench dist/tsconfig.tsbuildinfo && find dist -name '*.map' -delete

FROM ${BASE}
LABEL org.opencontainers.image.title="squall" \
      org.opencontainers.image.description="Chaos and conformance harness for OpenStack on Kubernetes and Kubernetes on OpenStack" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /squall/package.json /squall/LICENSE /squall/
COPY --from=build /squall/node_modules /squall/node_modules
COPY --from=build /squall/chaos-plans /squall/chaos-plans
COPY --from=build /squall/pipelines /squall/pipelines
COPY --from=build /squall/dist /squall/dist
# Runs with a read-only root when these three, and the output folder, are writable.
ENV NODE_ENV=production XDG_STATE_HOME=/tmp/state XDG_CACHE_HOME=/tmp/cache XDG_CONFIG_HOME=/tmp/config
WORKDIR /tmp
USER 65532:65532
ENTRYPOINT ["node", "/squall/dist/cli/squall.mjs"]
CMD ["run"]
