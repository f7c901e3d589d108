import ArgumentParser
import Datasets
import Support

struct DataImport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Imports embeddings and captions that other programs wrote.",
    discussion: """
      INPUT holds the embeddings. Its content shows what it is, and nothing in it is \
      ever executed:

      - ClipCap's pickle, by pickle.dump or torch.save: {"clip_embedding": \
      Tensor[N, D], "captions": [{"image_id", "caption", "clip_embedding": row}]}. \
      Rows that repeat an image's embedding for each of its captions become one. So are \
      ClipCap-Chinese's [[(image, caption)], {image: Tensor[D]}], and CapDec's with embeddings \
      of captions under clip_embedding_text_dave. Tensors may be numpy's arrays.

      - .npz with arrays image_ids [N] and embeddings [N, D] or [N, positions, D], or \
      .npy with --image-ids. Half precision stays half.

      - a folder with img_emb/img_emb_0.npy and so on, as clip-retrieval writes it, and \
      a captions.json: a list with {"image_path", "caption"} for each row, or JSON lines; or \
      its metadata/metadata_0.parquet.

      - Parquet: a table with a column of lists of numbers, and the images' names.

      - HDF5 in the store's schema, in whatever form h5py wrote it: checked and copied.

      - any other HDF5 file with a dataset of embeddings and one of image ids, or a dataset \
      for each image; `capstan data info FILE` lists what it has.

      The captions of .npz and .npy are in a second file: a table with a header, Parquet, JSON or \
      JSON lines, COCO's, Karpathy's, Flickr's. Columns and keys are known by their usual \
      names; what may mean several is refused, and the options below choose. An image is \
      found by its id: a file name, with or without folder and extension, or COCO's number. \
      docs/captions.md has the rule. Three captions are printed beside their images: look \
      at them. White space around captions is dropped. Images without captions are kept, \
      for they may be there to be captioned.

      Examples:
        capstan data import coco_train.pkl --encoder ViT-B/32 --out coco.h5
        capstan data import features.npz --captions dataset_flickr8k.json \\
          --encoder ViT-B/32 --out flickr8k.h5
        capstan data import features.npy --image-ids ids.txt --normalize \\
          --captions captions_val2014.json --split val --encoder RN50x4 --out val.h5
        capstan data import theirs.hdf5 --embeddings features --ids image_ids \\
          --encoder mine --out mine.h5
        capstan data import unseen.npz --split test --encoder RN50x4 --out unseen.h5
      """
  )

  @Argument(help: "The file or folder with the embeddings.", completion: .file())
  var input: String

  @Option(help: ArgumentHelp("The store to write.", valueName: "file.h5"), completion: .file())
  var out: String

  @Option(
    help: ArgumentHelp(
      "What made the embeddings, such as ViT-B/32. Must be given unless INPUT is a store.", valueName: "name")
  )
  var encoder: String?

  @Option(help: ArgumentHelp("A file of captions.", valueName: "file"), completion: .file())
  var captions: String?

  @OptionGroup(title: "How captions are read") var captionFile: CaptionFileOptions

  @Option(
    name: .customLong("image-ids"),
    help: ArgumentHelp(
      "A file of image ids in the order of the rows: one on each line, or .npy.", valueName: "file"),
    completion: .file())
  var imageIDs: String?

  @Option(
    name: [.customLong("embeddings"), .customLong("embeddings-key")],
    help: ArgumentHelp(
      """
      The array of a .npz, the key of a pickle, the column of a Parquet table, or the dataset of an HDF5 file with the \
      embeddings, or its group with a dataset for each image (/ is the root). (default: embeddings; in a pickle \
      clip_embedding; in Parquet and HDF5 the only one that may be)
      """, valueName: "name"))
  var embeddingsKey: String?

  @Option(
    name: [.customLong("ids"), .customLong("ids-key")],
    help: ArgumentHelp(
      "The array of a .npz, or the dataset of an HDF5 file, with the image ids. (default: image_ids)",
      valueName: "name"))
  var idsKey: String?

  @Option(
    help: ArgumentHelp(
      """
      The split of images that the captions give none. (default: train, and uncaptioned for images without \
      captions)
      """, valueName: "name"))
  var split: String?

  @Flag(help: "Divide every vector by its length, and record that.")
  var normalize = false

  @Flag(help: "Where rows of the same image differ, take the first; otherwise that is an error.")
  var keepFirst = false

  @Flag(help: "Leave out images without captions.")
  var dropUncaptioned = false

  @OptionGroup var output: DataOutput

  func run() throws {
    try output.requirePlace(out)
    let (contents, report) = try request.contents()
    for warning in report.warnings { StandardStreams.say("warning: \(warning)\n") }
    try contents.write(to: out)
    try output.tell(report, of: out)
  }

  private var request: ImportRequest {
    var request = ImportRequest(input: input)
    request.captions = captions
    request.captionOptions = captionFile.options
    request.imageIDs = imageIDs
    request.embeddingsKey = embeddingsKey
    request.idsKey = idsKey
    request.hdf5Program = HDF5Child.thisProgram
    request.encoder = encoder
    request.split = split
    request.normalizes = normalize
    request.keepsFirst = keepFirst
    request.dropsUncaptioned = dropUncaptioned
    return request
  }
}
