using System.Globalization;
using Tributary.Api;
using Tributary.Model;
using Tributary.Storage.Ledger;

namespace Tributary.Functions.Serving;

/// <summary>What <c>tributary gaps</c> prints for people.</summary>
internal static class GapsText
{
    /// <summary>The list of all gaps.</summary>
    public static IEnumerable<string> Lines(GapsStatus status)
    {
        var gaps = status.Sources.SelectMany(source => source.All.Select(gap => (source.Source, Gap: gap))).ToList();
        var width = gaps.Count == 0 ? 0 : Math.Max("SOURCE".Length, gaps.Max(one => one.Source.Length));
        if (gaps.Count > 0)
        {
            yield return Columns("SOURCE".PadRight(width), "FROM", "TO", "LENGTH", "STATE") + "REASON";
        }
        foreach (var (source, gap) in gaps)
        {
            yield return Columns(
                source.PadRight(width),
                Time(gap.FromMs),
                Time(gap.ToMs),
                DurationText.Format(TimeSpan.FromMilliseconds(gap.ToMs - gap.FromMs)),
                gap.StateName
            )
                + gap.Reason
                + (gap.Note.Length > 0 ? $" ({gap.Note})" : "");
        }
        foreach (var source in status.Sources.Where(source => source.Dropped > 0))
        {
            yield return Text($"{source.Source}: {source.Dropped} older gaps are not listed any more");
        }
        foreach (var problem in status.Problems)
        {
            yield return $"DAMAGED  {problem}";
        }
        yield return Text(
            $"{gaps.Count(one => one.Gap.State is GapState.Open)} open, {Count(GapState.GivenUp)} given up, {Count(GapState.Filled)} filled"
        );

        int Count(GapState state) => gaps.Count(one => one.Gap.State == state);
    }

    /// <summary>A moment.</summary>
    public static string Time(long timestampMs) =>
        DateTimeOffset
            .FromUnixTimeMilliseconds(timestampMs)
            .ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Columns(string source, string from, string to, string length, string state) =>
        Text($"{source}  {from, -20}  {to, -20}  {length, -10}  {state, -8}  ");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
