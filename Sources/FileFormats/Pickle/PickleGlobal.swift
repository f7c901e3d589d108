/// The classes and functions that mean something in a pickle: what torch writes for tensors and state dicts, numpy for
/// arrays and scalars, and Python for bytes in protocols before 3. None is ever looked up or called as Python; `PickleCall`
/// has what they mean here.
public enum PickleGlobal: Equatable, Sendable {
  /// A class of torch storages, such as `torch.FloatStorage`.
  case storageClass(ElementType)
  case function(Function)
  /// numpy's class of arrays.
  case numpyArray

  public enum Function: String, Sendable {
    case rebuildTensor = "torch._utils._rebuild_tensor_v2"
    case rebuildOldTensor = "torch._utils._rebuild_tensor"
    case rebuildParameter = "torch._utils._rebuild_parameter"
    case rebuildParameterWithState = "torch._utils._rebuild_parameter_with_state"
    case loadFromBytes = "torch.storage._load_from_bytes"
    case size = "torch.Size"
    case orderedDictionary = "collections.OrderedDict"
    case defaultDictionary = "collections.defaultdict"
    case encode = "_codecs.encode"
    case bytes = "__builtin__.bytes"
    case numpyType = "numpy.dtype"
    case reconstructArray = "numpy.core.multiarray._reconstruct"
    case arrayFromBuffer = "numpy.core.numeric._frombuffer"
    case numpyScalar = "numpy.core.multiarray.scalar"
  }

  /// Nil unless `name`, module and member, is on the list.
  init?(_ name: String) {
    if let element = Self.storageClasses[name] {
      self = .storageClass(element)
    } else if let function = Function(
      rawValue: name.replacing("numpy._core.", with: "numpy.core.", maxReplacements: 1))
    {
      // numpy 2 has moved them.
      self = .function(function)
    } else if name == "numpy.ndarray" {
      self = .numpyArray
    } else {
      return nil
    }
  }

  private static let storageClasses = Dictionary(
    uniqueKeysWithValues: ElementType.allCases.map { ($0.torchStorageClass, $0) }
      + [("torch.UntypedStorage", .uint8), ("torch.storage.UntypedStorage", .uint8)])
}
