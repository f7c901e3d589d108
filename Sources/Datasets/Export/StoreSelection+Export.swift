import Support

extension StoreSelection {
  /// Only the images of a split.
  ///
  /// Throws `Failure.usage` where there are none.
  public func keeping(split: String) throws -> StoreSelection {
    guard splits.contains(split) else {
      throw Failure.usage(
        "There is no image in the split “\(split)”, only in \(splitCounts.keys.sorted().joined(separator: ", ")); "
          + "name one of these.")
    }
    return keeping(splits.map { $0 == split })
  }

  /// Writes the images for another program, into a file that is complete or absent. The same images give the
  /// same bytes.
  ///
  /// Throws `Failure.usage` where the form has no place for any of them, and `Failure.runtime` where the file
  /// cannot be written.
  public func export(as format: ExportFormat, to path: String) throws -> ExportReport {
    let exported = format == .clipCap ? keeping(isCaptioned) : self
    guard !exported.imageIDs.isEmpty, format == .npz || !exported.captionTexts.isEmpty else {
      throw Failure.usage(
        "No image has a caption, so there is nothing to write as \(format.rawValue); write --format npz.")
    }
    switch format {
    case .clipCap: try exported.writeClipCapPickle(to: path)
    case .npz: try exported.writeNumpyArchive(to: path)
    case .coco: try exported.writeCOCO(to: path)
    case .karpathy: try exported.writeKarpathy(to: path)
    }
    return ExportReport(of: exported, as: format, omittedImages: imageIDs.count - exported.imageIDs.count)
  }
}
