# shellcheck shell=bash
# Which commands of the pages are not run as they stand, and why. Source it.

# Prints why a command is not run; succeeds if so.
left_out() {
  case $1 in
    sbatch\ * | *" sbatch "* | srun\ *) echo "needs Slurm" ;;
    kubectl\ *) echo "needs Kubernetes" ;;
    Benchmarks/attention*) echo "compiles the sources, which are not there" ;;
    Benchmarks/compare*) echo "needs PyTorch" ;;
    Benchmarks/large_store.py* | Benchmarks/data*) echo "needs h5py" ;;
    kill\ *) echo "needs a run that is under way" ;;
    pip\ *) echo "needs a package of Python's" ;;
    launch/test*) echo "calls this test" ;;
    *"capstan bench step"* | *"capstan bench matmul"* | *"capstan bench decode"*) echo "takes GPT-2 124M" ;;
    *) return 1 ;;
  esac
}

# What is run instead, so that it is small and needs nothing else. The size of a published configuration is made small by
# small_configurations.
adapted() {
  sed -E \
    -e 's/ --meteor-jar [^ ]+//' `# needs METEOR's program` \
    -e 's,10\.1\.0\.0/16,127.0.0.0/8,g' \
    -e 's/--last test=1000 --last val=1000/--last test=10 --last val=10/' \
    -e 's/--last val=1000/--last val=10/' \
    -e 's/--cases 200000/--cases 100/' \
    -e 's/transformer_weights.pt --tokenizer gpt2/& --mapper-heads 8/' `# as its width would tell, were it GPT-2's` \
    -e 's/capstan bench collectives( --megabytes [0-9]+)?/capstan bench collectives --megabytes 4/' \
    -e 's/capstan bench data( --rows 20000|( +#.*)?$)/capstan bench data --rows 10/' \
    -e 's/bench memory --frozen --measure/bench memory --frozen/' `# takes GPT-2 124M` \
    -e 's,data synth --out data/scenes.h5,& --scenes 40,' \
    -e 's/capstan train CONFIG/capstan train config.yaml/' <<<"$1"
}

# The code with which a command is to end.
code_of() {
  case $1 in
    *"--resume runs/a/incidents/"*skip_limit*) echo 0 ;;
    *"--resume runs/a/incidents/"*) echo 1 ;; # fails again
    *) echo 0 ;;
  esac
}

# The configurations, by their names, with few steps and small models.
small_configurations() {
  local file
  mkdir configs
  for file in "$project"/configs/*.yaml; do
    sed -E -e 's/warmup_steps: [0-9]+/warmup_steps: 2/' -e 's/\{epochs: [0-9]+/{epochs: 1/' -e 's/\{steps: [0-9]+/{steps: 4/' \
      -e 's/layers: [0-9]+/layers: 1/g' -e 's/width: [0-9]+, heads: [0-9]+/width: 32, heads: 4/' "$file" >"configs/${file##*/}"
  done
}

# Options of other programs, and of swift-argument-parser, that the pages name.
others_options="--mca --prefix --bind-to --hostfile --nodes --ntasks-per-node --time --cpus-per-task --mpi --overlap --jobid --signal
  --pty --follow --oversubscribe --normalize_prefix --recursive --in-place --product --static-swift-stdlib --filter
  --generate-completion-script --no-deps"
