# docker build -t tsredis .
# docker run -p 6380:6380 -v tsredis-data:/data tsredis
# docker run -v ./redis.conf:/etc/redis.conf tsredis /etc/redis.conf --port 6380

FROM denoland/deno:2.9.6 AS build
WORKDIR /src
COPY . .
RUN deno task compile --output /out/tsredis

FROM debian:bookworm-slim
RUN groupadd --system --gid 999 tsredis \
  && useradd --system --uid 999 --gid tsredis --create-home tsredis \
  && install --directory --owner tsredis --group tsredis --mode 0700 /data
COPY --from=build /out/tsredis /usr/local/bin/tsredis
COPY --chmod=0755 scripts/healthcheck.sh /usr/local/bin/tsredis-healthcheck
USER tsredis
# Shows that it runs here; a self-extracting one unpacks now and not at the start.
RUN tsredis --version
VOLUME /data
WORKDIR /data
EXPOSE 6380
# The port that the health check asks, when it is another than the default.
ENV TSREDIS_PORT=6380
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["tsredis-healthcheck"]
# No shell in between: signals reach the server, which saves and ends.
ENTRYPOINT ["tsredis"]
# What is published is the owner's choice (-p). Options given to docker run take
# the place of this one, and then protected mode is on, as in Redis.
CMD ["--protected-mode", "no"]
