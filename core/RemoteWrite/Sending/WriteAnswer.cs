using System.Globalization;
using System.Net;
using System.Text;
using Tributary.HttpClients;

namespace Tributary.RemoteWrite.Sending;

/// <summary>Reads what a destination answers.</summary>
internal static class WriteAnswer
{
    /// <summary>So much of an error's text is told.</summary>
    private const int MaxErrorBytes = 256;

    /// <summary>A longer pause than this is not waited for at once.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(1);

    /// <summary>What an answer means.</summary>
    /// <param name="response">The answer.</param>
    /// <param name="sent">Whether the message was one of 2.0, and whether there were samples in it.</param>
    /// <param name="retriesTooMany">Whether 429 means later.</param>
    /// <param name="now">The time, for pauses until a date.</param>
    /// <param name="cancellationToken">Ends the reading of an error's text.</param>
    public static async Task<WriteOutcome> ReadAsync(
        HttpResponseMessage response,
        (bool IsVersion2, bool HasSamples) sent,
        bool retriesTooMany,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        var status = response.StatusCode;
        if (response.IsSuccessStatusCode)
        {
            return sent is { IsVersion2: true, HasSamples: true } && !ConfirmsVersion2(response)
                ? new WriteOutcome(
                    WriteOutcomeKind.OlderMessage,
                    "it does not say what it has written, so it does not speak 2.0"
                )
                : new WriteOutcome(WriteOutcomeKind.Taken);
        }
        if (sent.IsVersion2 && status == HttpStatusCode.UnsupportedMediaType)
        {
            return new WriteOutcome(WriteOutcomeKind.OlderMessage, "it answered 415: it does not speak 2.0");
        }
        var text = await ErrorAsync(response, cancellationToken);
        var problem = SentSecrets.Hide($"it answered {(int)status}{text}", response.RequestMessage);
        var isLater =
            (int)status >= (int)HttpStatusCode.InternalServerError
            || (status == HttpStatusCode.TooManyRequests && retriesTooMany);
        return isLater
            ? new WriteOutcome(WriteOutcomeKind.Later, problem, PauseOf(response, now))
            : new WriteOutcome(WriteOutcomeKind.Refused, problem);
    }

    /// <summary>The pause that a destination asks for: seconds, or a date.</summary>
    internal static TimeSpan? PauseOf(HttpResponseMessage response, DateTimeOffset now)
    {
        var pause = response.Headers.RetryAfter is not { } after
            ? null
            : after.Delta ?? (after.Date is { } date ? date - now : null);
        return pause is not { } some || some <= TimeSpan.Zero ? null
            : some < LongestPause ? some
            : LongestPause;
    }

    private static bool ConfirmsVersion2(HttpResponseMessage response) =>
        response.Headers.Contains(WriteProtocol.SamplesWritten)
        || response.Headers.Contains(WriteProtocol.HistogramsWritten)
        || response.Headers.Contains(WriteProtocol.ExemplarsWritten);

    /// <summary>The first line of an error, cut, without what a terminal would take for more than text.</summary>
    private static async Task<string> ErrorAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var buffer = new byte[MaxErrorBytes];
        try
        {
            var body = await response.Content.ReadAsStreamAsync(cancellationToken);
            await using var disposal = body;
            var length = await body.ReadAtLeastAsync(
                buffer,
                buffer.Length,
                throwOnEndOfStream: false,
                cancellationToken
            );
            var line = Encoding.UTF8.GetString(buffer.AsSpan(0, length)).Split('\n')[0].Trim();
            var text = string.Concat(
                line.Where(c => !char.IsControl(c) && CharUnicodeInfo.GetUnicodeCategory(c) != UnicodeCategory.Format)
            );
            return text.Length == 0 ? "" : $": {text}";
        }
        catch (Exception exception)
            when (exception is IOException or HttpRequestException or OperationCanceledException)
        {
            // The status is known, and says what is to be done: a text that never comes must not hold up what is refused.
            return "";
        }
    }
}
