# shellcheck shell=bash
# Small files under the names that the pages take for given. Source it; everything is made in the current folder.

made() { "$@" >made.log 2>&1 || { echo "FAILED: $*" >&2; cat made.log >&2; exit 1; }; }

floats() { # floats ROWS WIDTH [large]: an .npy of float32 from 1 to 2; large: the last row is beyond what can be summed
  printf '\x93NUMPY\x01\x00v\x00%-117s\n' "{'descr': '<f4', 'fortran_order': False, 'shape': ($1, $2), }"
  LC_ALL=C awk -v count=$(($1 * $2)) -v width="$2" -v large="${3-}" 'BEGIN {
    srand(width)
    while (count--) {
      if (large && count < width) printf "%c%c%c%c", 230, 177, 97, 127
      else printf "%c%c%c%c", int(256 * rand()), int(256 * rand()), 128 + int(128 * rand()), 63
    }
  }'
}

store() { # store WIDTH ENCODER OUT [OPTION…]: the images of images.txt with other embeddings
  floats "$(wc -l <images.txt)" "$1" >floats.npy
  made capstan data import floats.npy --image-ids images.txt --captions dataset_coco.json --encoder "$2" --out "$3" "${@:4}"
}

trained() { # trained CONFIG [OPTION…]: a run in runs/stock, anew
  rm -rf runs/stock
  made capstan train "$1" --set run.directory=runs/stock "${@:2}"
}

# What comes from elsewhere: data sets, features, GPT-2, weights of ClipCap, a list of hosts.
stock_of_others() {
  mkdir data runs stock
  made capstan data synth --out stock/scenes.h5 --scenes 80 --seed 1 --images pictures
  made capstan data export stock/scenes.h5 --out dataset_coco.json
  cp dataset_coco.json dataset_flickr8k.json
  cp stock/scenes.h5 data/quickstart.h5 # the quickstart draws what is not there, which takes a debug build minutes
  grep -o '"filename":"[^"]*"' dataset_coco.json | cut -d'"' -f4 >images.txt
  sed 's/$/,two small red circles above a large blue square/' images.txt >captions.csv

  store 512 ViT-B/32 stock/512.h5
  store 512 ViT-B/32 stock/512-normalized.h5 --normalize
  store 640 RN50x4 stock/640.h5
  store 768 ViT-L/14 stock/768.h5
  store 1280 EfficientNet-Lite0 stock/1280.h5
  made capstan data export stock/512.h5 --split train --out oscar_split_ViT-B_32_train.pkl
  cp oscar_split_ViT-B_32_train.pkl conceptual_clip_ViT-B_32_train.pkl
  made capstan data export stock/640.h5 --split train --out oscar_split_RN50x4_train.pkl
  made capstan data export stock/512.h5 --split val --out val.npz
  made capstan data export stock/512-normalized.h5 --out clip_vit_b32.npz
  made capstan data export stock/768.h5 --out vit_l14.npz
  made capstan data export stock/1280.h5 --out efficientnet_lite0.npz

  # shellcheck disable=SC2154 # of run, which sources this
  cp "$project/Tests/InterchangeTests/Golden/llama.gguf" smollm2.gguf

  made capstan tokenizer train --store stock/scenes.h5 --vocabulary-size 300 --out stock/tokenizer
  cat >stock/config.yaml <<'YAML'
run: {directory: unset}
data: {train: {files: stock/512.h5}, tokenizer: stock/tokenizer}
model:
  language_model: {layers: 1, width: 32, heads: 2, positions: 128}
  mapper: {kind: none}
train: {steps: 2, batch_size: 8}
YAML
  trained stock/config.yaml
  mkdir data/gpt2
  cp runs/stock/checkpoints/latest/{config.json,model.safetensors,vocab.json,merges.txt} data/gpt2
  cp data/gpt2/config.json . # tells of the weights beside it how many heads there are, as the widths of published ones do
  made capstan checkpoint export runs/stock --out gpt2.bin
  trained stock/config.yaml --set model.mapper.kind=mlp
  made capstan checkpoint export runs/stock --out coco_weights.pt
  trained stock/config.yaml --set model.mapper.kind=mlp --set data.tokenizer=null \
    --set 'model.language_model={directory: data/gpt2, frozen: true}'
  cp runs/stock/checkpoints/latest/model.safetensors mapper.pt
  echo "localhost slots=2" >hosts.txt
}

# What a reader of the other pages has besides, partly of what the README and the configurations made.
stock_of_the_reader() {
  local split seed
  cp -r data/gpt2 gpt2
  cp -r runs/coco-mlp-finetune runs/coco
  cp -r runs/quickstart runs/finetune
  cp -r runs/coco-transformer-frozen runs/frozen
  made capstan checkpoint export runs/frozen --out transformer_weights.pt
  for split in greedy beam; do
    made capstan caption runs/flickr8k-frozen --store data/flickr8k.h5 --method $split --out $split.json
  done

  cp oscar_split_ViT-B_32_train.pkl coco_train.pkl
  made capstan data export stock/512.h5 --out x.npz
  made capstan data export stock/640.h5 --out unseen.npz
  cp x.npz features.npz
  floats "$(wc -l <images.txt)" 640 >features.npy
  cp images.txt ids.txt
  head -n 5 images.txt >val.txt
  tail -n 5 images.txt >test.txt
  cut -d, -f2 captions.csv >captions.txt
  mkdir -p FOLDER/img_emb shards
  floats 2 512 >FOLDER/img_emb/img_emb_0.npy
  echo '[{"image_path": "1.jpg", "caption": "a dog"}, {"image_path": "2.jpg", "caption": "two cats"}]' >FOLDER/captions.json
  made capstan data import FOLDER --encoder ViT-B/32 --out data/cc3m-00.h5
  cp -r stock/tokenizer data
  for split in theirs coco my flickr8k large; do cp stock/512.h5 $split.h5; done
  for split in train val test; do
    made capstan data export stock/512.h5 --split $split --out stock/$split.npz
    made capstan data import stock/$split.npz --captions dataset_coco.json --encoder ViT-B/32 --out $split.h5
    cp $split.h5 shards
  done
  cp "$project/Tests/DatasetsTests/Golden/HDF5/two.h5" theirs.hdf5
  cp train.h5 a.h5
  cp val.h5 b.h5
  cp val.h5 data/val-1.h5
  cp data/quickstart.h5 data/test.h5
  made capstan data export coco.h5 --split val --out captions_val2014.json
  cp captions_val2014.json captions_val2017.json

  # A run that ended at its third step, for an image overflows.
  floats 80 8 large >floats.npy
  made capstan data import floats.npy --image-ids images.txt --captions captions.csv --encoder large --out stock/large.h5
  for seed in {1..50}; do
    sed -e 's/unset/runs\/a, seed: '"$seed"'/' -e 's/512/large/' -e 's/none/linear/' -e 's/steps: 2/steps: 5/' \
      stock/config.yaml >config.yaml
    rm -rf runs/a
    capstan train config.yaml >made.log 2>&1 || true
    [ ! -d runs/a/incidents/step-00000003 ] || return 0
  done
  echo "FAILED: no run ends at step 3" >&2
  exit 1
}
