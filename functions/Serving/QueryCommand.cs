using System.Globalization;
using System.Text;
using System.Text.Json;
using Tributary.Api;
using Tributary.Functions.CommandLine;
using Tributary.PromQL.Syntax;
using Tributary.Stores;

namespace Tributary.Functions.Serving;

/// <summary><c>tributary query</c>: asks the storage or a server, and prints the answer.</summary>
/// <param name="settings">Where the store is, and what queries may use.</param>
/// <param name="request">What is asked.</param>
/// <param name="output">Gets the answer.</param>
/// <param name="error">Gets warnings.</param>
internal sealed class QueryCommand(Settings settings, QueryRequest request, TextWriter output, TextWriter error)
{
    private const int DefaultSteps = 60;
    private static readonly TimeSpan DefaultRange = TimeSpan.FromHours(1);

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Columns of the terminal.</summary>
    public int Width { get; init; } = Console.IsOutputRedirected ? 100 : Math.Clamp(Console.WindowWidth, 40, 200);

    /// <summary>Runs the verb.</summary>
    /// <exception cref="CommandException">There is no answer; the message says why.</exception>
    public async Task<int> RunAsync()
    {
        try
        {
            var parameters = Parameters();
            var answer = request.Server is { } server
                ? await new ServerQuery(server, request).AskAsync(parameters)
                : await new StoreQuery(settings, request, Time).AskAsync(parameters);
            await PrintAsync(answer);
            return ExitCode.Done;
        }
        catch (StoreException exception)
        {
            throw StorageAccess.Explain(exception);
        }
        catch (Exception exception) when (exception is ParseException or BadRequestException)
        {
            throw new CommandException(exception.Message, ExitCode.Usage, exception);
        }
    }

    /// <summary>The times that are asked for, with defaults, as milliseconds; null is all time.</summary>
    private QueryTimes Parameters()
    {
        var nowMs = Time.GetUtcNow().ToUnixTimeMilliseconds();
        if (request.Verb is QueryRequest.Instant)
        {
            var timeMs = TimeParameter.Parse("time", request.Time ?? "", nowMs);
            return new QueryTimes(timeMs, timeMs, 0);
        }
        if (request.Verb is not QueryRequest.Range)
        {
            return new QueryTimes(Moment("start", request.Start), Moment("end", request.End), 0);
        }
        var endMs = TimeParameter.Parse("end", request.End ?? "", nowMs);
        var startMs = TimeParameter.Parse("start", request.Start ?? "", endMs - (long)DefaultRange.TotalMilliseconds);
        if (endMs < startMs)
        {
            throw CommandException.Usage("--end must not be before --start.");
        }
        var stepMs = request.Step is { } text
            ? (long)DurationParameter.Parse(text).TotalMilliseconds
            : Math.Max(1000, (endMs - startMs) / DefaultSteps / 1000 * 1000);
        return stepMs > 0
            ? new QueryTimes(startMs, endMs, stepMs)
            : throw CommandException.Usage("--step must be a millisecond at least.");
    }

    private static long? Moment(string name, string? text) => text is null ? null : TimeParameter.Parse(name, text, 0);

    /// <summary>What is said when nothing is there; who names a label where a selector belongs learns how labels are asked for.</summary>
    private string Emptiness() =>
        request is { Verb: QueryRequest.Labels, Label: null, Texts: [var word] } && word.All(char.IsAsciiLetter)
            ? $"nothing: no series is named '{word}' (the values of a label of that name: --label {word})"
            : "nothing";

    private async Task PrintAsync(ReadOnlyMemory<byte> answer)
    {
        if (request.IsJson)
        {
            await output.WriteLineAsync(Encoding.UTF8.GetString(answer.Span));
            return;
        }
        using var json = JsonDocument.Parse(answer);
        var data = json.RootElement.GetProperty("data");
        var lines = request.IsPlot ? QueryPlot.Lines(data, Width) : QueryText.Lines(data);
        var isEmpty = true;
        foreach (var line in lines)
        {
            await output.WriteLineAsync(line);
            isEmpty = false;
        }
        if (isEmpty)
        {
            await error.WriteLineAsync(Emptiness());
        }
        foreach (var kind in (string[])["warnings", "infos"])
        {
            if (json.RootElement.TryGetProperty(kind, out var texts))
            {
                foreach (var text in texts.EnumerateArray())
                {
                    await error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{kind[..^1]}: {text}"));
                }
            }
        }
    }
}
