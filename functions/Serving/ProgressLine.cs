using System.Diagnostics;
using System.Globalization;
using Tributary.Jobs;

namespace Tributary.Functions.Serving;

/// <summary>One line on a terminal that says how far something is.</summary>
/// <param name="error">The terminal.</param>
/// <param name="isShown">Whether it is one.</param>
internal sealed class ProgressLine(TextWriter error, bool isShown)
{
    private const int BarChars = 30;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private long? shownAt;
    private int width;

    /// <summary>Shows where it is, ten times a second at most.</summary>
    public void Show(ImportProgress progress) => Show(() => TextOf(progress), progress.DoneBytes == 0);

    /// <summary>Shows a text, ten times a second at most.</summary>
    /// <param name="text">Makes it.</param>
    /// <param name="isNew">Whether it is shown in any case: something else begins.</param>
    public void Show(Func<string> text, bool isNew = false)
    {
        var isDue = shownAt is not { } before || isNew || Stopwatch.GetElapsedTime(before) >= Pause;
        if (!isShown || !isDue)
        {
            return;
        }
        shownAt = Stopwatch.GetTimestamp();
        var line = text();
        error.Write('\r' + line.PadRight(width));
        width = line.Length;
    }

    /// <summary>Removes the line.</summary>
    public void Clear()
    {
        if (isShown && width > 0)
        {
            error.Write('\r' + new string(' ', width) + '\r');
            width = 0;
        }
    }

    private static string TextOf(ImportProgress progress)
    {
        var what = string.Create(CultureInfo.InvariantCulture, $"{progress.Index}/{progress.Count} {progress.Source}");
        if (progress.Bytes == 0)
        {
            return what + " verifying";
        }
        var full = (int)(BarChars * progress.DoneBytes / progress.Bytes);
        var bar = new string('#', full) + new string('.', BarChars - full);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{what} [{bar}] {progress.DoneBytes >> 20} of {progress.Bytes >> 20} MiB"
        );
    }
}
