using System.Globalization;
using Tributary.Api;
using Tributary.Exports;
using Tributary.Jobs;

namespace Tributary.Functions.Serving;

/// <summary>What <c>tributary export</c> prints for people.</summary>
internal static class ExportText
{
    private const int BarChars = 30;

    /// <summary>The list of exports with their runs.</summary>
    public static IEnumerable<string> Lines(IReadOnlyList<ExportStatus> exports)
    {
        foreach (var (config, nextMs, runs) in exports)
        {
            var next = nextMs is { } ms ? $", next at {GapsText.Time(ms)}" : "";
            yield return $"{config.Name}: {config.Schedule.Text}{next}";
            foreach (var run in runs)
            {
                var what = run.IsFinished
                    ? string.Create(
                        CultureInfo.InvariantCulture,
                        $"{run.Rows, 10} rows {run.Bytes, 12} bytes  {run.Output}"
                    )
                    : run.Error;
                yield return $"  {GapsText.Time(run.TimeMs)}  {ExportsStatus.StateOf(run.State), -10}  {what}";
            }
        }
    }

    /// <summary>What became of a run.</summary>
    public static string Of(ExportResult result, string name, long timeMs)
    {
        var run = $"{name} {GapsText.Time(timeMs)}";
        var output = result.Row is { IsFinished: true } row
            ? string.Create(CultureInfo.InvariantCulture, $"{row.Output}: {row.Rows} rows, {row.Bytes} bytes")
            : "";
        return result.Outcome switch
        {
            ExportOutcome.Complete => $"{run}: {output}",
            ExportOutcome.Incomplete => $"{run}: {output}; not complete, 'tributary export show' lists what is missing",
            ExportOutcome.Unchanged => $"{run}: {output}; it was there already, --force writes it again",
            ExportOutcome.Elsewhere => string.Create(
                CultureInfo.InvariantCulture,
                $"{run}: another process works on it; if that one was killed, try again in {ExportClaim.Duration.TotalSeconds} s"
            ),
            _ => $"{run}: {result.Row?.Error}",
        };
    }

    /// <summary>How far a run is, in a line.</summary>
    public static string Of(ExportProgress progress)
    {
        var full = progress.All > 0 ? (int)(BarChars * Math.Min(progress.Done, progress.All) / progress.All) : 0;
        var bar = new string('#', full) + new string('.', BarChars - full);
        var what = progress.Phase switch
        {
            ExportPhase.Reading => "reading",
            ExportPhase.Writing => "writing",
            _ => "sending",
        };
        return string.Create(CultureInfo.InvariantCulture, $"{what} [{bar}] {progress.Samples} samples");
    }
}
