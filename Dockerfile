# A convenience: the executable of a release, with nothing around it but glibc and certificates; no shell, not root.
#
#   docker build --tag wavs .
#   docker run --volume wavs-data:/var/wavs --volume "$PWD/wavs:/etc/wavs:ro" --publish 127.0.0.1:8000:8000 wavs
#
# The folder "wavs" holds wavs.toml, which names the files of secrets as they are called in the container:
# signing_mnemonic_file = "/etc/wavs/signing_mnemonic", which user 65532 and nobody else may read. Whoever reaches the
# published port may register services unless WAVS_BEARER_TOKEN is set.
FROM denoland/deno:debian-2.9.6@sha256:2014dc167ece617ef7e7ba40631ac2234c59e75ce693e7cc2dc2602b3c87859d AS build
WORKDIR /sources
COPY . .
RUN deno task compile --form compiled --output /out/wavs
# A new volume takes over whose the directory is.
RUN mkdir --mode 0700 /out/data

FROM gcr.io/distroless/cc-debian13:nonroot@sha256:54df941ed0d06a1bd95ef5e0ce391fd8d9f94b64782dc9a60062727849ee3f97
COPY --from=build /out/wavs /usr/local/bin/wavs
COPY --from=build --chown=65532:65532 /out/data /var/wavs
USER 65532:65532
ENV WAVS_HOST=0.0.0.0 WAVS_DATA=/var/wavs
VOLUME /var/wavs
EXPOSE 8000
ENTRYPOINT ["/usr/local/bin/wavs"]
CMD ["run", "--home", "/etc/wavs"]
