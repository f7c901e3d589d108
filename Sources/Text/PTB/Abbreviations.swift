/// Words that take their period, by what they are.
enum Abbreviations {
  /// Never at the end of a sentence, for a name or another word follows.
  static let within = [titles, ranks, firstNames, institutions, places, references].joined(separator: " ")
  /// In the end of a sentence too.
  static let withinOrFinal = [months, days, firms, streets, states, degrees, others].joined(separator: " ")
  /// The same, but words of their own unless they begin with a capital: states, and other parts of addresses.
  static let capitalized = "ark az del ill la mass miss ore pa tex wash"
  static let beforeNumbers = "art ca fig figs no nos op pp prop"

  private static let titles = """
    atty dr drs gov govs hon insp invt messrs mlle mme mr mrs ms msgr ph pres prof profs rep reps rev sen sens st ste
    supt treas
    """
  private static let ranks =
    "adm brig capt cmdr col comdr cpl det elec ens gen lieut lt maj pfc pvt sfc sgt spc"
  private static let firstNames = "alex jos wm"
  private static let institutions = "assoc asst cie dept mfg natl"
  private static let places = "ave ft mt mtg"
  private static let references = "adj adv cf vs"

  private static let months = "apr aug dec feb jan jul jun mar nov oct sep sept"
  private static let days = "fri mon thu thurs tue tues wed"
  private static let firms = "assn bancorp bhd bros co corp cos inc intl ltd plc ppte ppty pte pty"
  private static let streets = "bldg blvd ct rd rt sq"
  private static let states = """
    ala ariz calif colo conn dak fla ga ind kan kans ky md mich minn mo mont neb nev okla penn tenn va vt wis wisc wyo
    """
  private static let degrees = "ed.d ph.d sc.d"
  private static let others = "al esq est etc ext jr seq sr sys tel univ"
}
