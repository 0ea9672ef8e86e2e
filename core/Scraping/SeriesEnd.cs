using Tributary.Model;

namespace Tributary.Scraping;

/// <summary>A staleness marker that is to be written.</summary>
/// <param name="Series">The series that ended.</param>
/// <param name="AtMs">The marker's time, milliseconds since the epoch.</param>
/// <param name="IsHistogram">Whether its last sample was a histogram.</param>
internal readonly record struct SeriesEnd(LabelSet Series, long AtMs, bool IsHistogram);
