# The image of k8s/examples/openssh.yaml: what docs/image-recipe.md asks for, and an X client.
FROM debian:12-slim
RUN apt-get update && \
    apt-get install -y --no-install-recommends openssh-server openssh-client xauth x11-utils && \
    rm -rf /var/lib/apt/lists/* && \
    useradd --create-home --uid 1000 --shell /bin/bash coder
