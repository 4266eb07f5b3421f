#!/bin/sh
# What a person without a platform would run: git, docker build, docker run, and curl until the new release answers.
# deploy.sh clone|pull|keep|back REPOSITORY CLONE NAME PORT MODE EXPECTED
#   clone: the first time; pull: new code; keep: the image that is there; back: the image before it
# The old release is killed without ceremony, so it is down until the new one answers. Prints the seconds that passed
# from `docker run` to the answer.
set -eu
what=$1 repository=$2 clone=$3 name=$4 port=$5 mode=$6 expected=$7

case $what in
clone) git clone --quiet "$repository" "$clone" ;;
pull) git -C "$clone" pull --quiet --ff-only ;;
esac
case $what in
clone | pull)
  docker image inspect "$name:new" >/dev/null 2>&1 && docker tag "$name:new" "$name:old"
  DOCKER_BUILDKIT=0 docker build --quiet --tag "$name:new" \
    --build-arg HTTP_PROXY --build-arg HTTPS_PROXY --build-arg NO_PROXY "$clone" >/dev/null
  image=$name:new
  ;;
keep) image=$name:new ;;
back) image=$name:old ;;
esac

docker rm --force "$name" >/dev/null 2>&1 || true
before=$(date +%s.%N)
docker run --detach --name "$name" --publish "127.0.0.1:$port:8000" --env "MODE=$mode" \
  --init --memory 256m --cpus 1 --restart unless-stopped "$image" >/dev/null
until curl --silent --max-time 2 "http://127.0.0.1:$port/" | grep --quiet --fixed-strings "$expected"; do
  sleep 0.01
done
echo "$(date +%s.%N) $before" | awk '{ print $1 - $2 }'
