import Autograd
import Essentials
import Storage

extension GPT2 {
  /// Takes the weights of a Hugging Face directory's `model.safetensors`.
  ///
  /// Names may stand with or without `transformer.` before them; the tied `lm_head.weight` and the mask buffers of
  /// old files are passed over.
  /// - Parameter resizingVocabulary: whether a token table of another number of rows is taken as far as it goes; rows
  ///   that it lacks keep their values.
  /// - Throws: `Failure.badData` when a parameter is missing or has another shape.
  public func load(from directory: String, resizingVocabulary: Bool) throws {
    let path = directory + "/model.safetensors"
    let file = try SafetensorsFile(path: path)
    let prefix = tokens.name.dropLast("wte.weight".count)
    for parameter in parameters {
      let name = String(parameter.name.dropFirst(prefix.count))
      guard
        let found = ["transformer." + name, name, "gpt.transformer." + name].first(where: file.names.contains)
      else {
        throw Failure.badData(
          "\(path) has no \(name), so it is not a whole GPT-2; fetch or convert it again.")
      }
      let shape = try file.shape(of: found)
      if parameter === tokens, resizingVocabulary, shape.count == 2, shape[1] == parameter.shape[1] {
        let all = try file.floats(of: found)
        let rows = min(shape[0], parameter.shape[0])
        for (index, value) in all.prefix(rows * shape[1]).enumerated() {
          parameter.value.pointer[index] = value
        }
        continue
      }
      guard shape == parameter.shape else {
        throw Failure.badData(
          "\(path) has \(found) of shape \(shape), but config.json beside it describes \(parameter.shape); the two files "
            + "do not belong together.")
      }
      try file.copyFloats(of: found, to: parameter.value.pointer)
    }
  }
}
