using System.Text.Json;
using Tributary.Api;
using Tributary.Functions.CommandLine;
using Tributary.Model;
using Tributary.PromQL.Evaluation;
using Tributary.PromQL.Sources;
using Tributary.PromQL.Syntax;
using Tributary.Storage.Selection;
using Tributary.Stores;

namespace Tributary.Functions.Serving;

/// <summary>Asks the storage itself: blocks and log; gives the JSON that the HTTP API would.</summary>
internal sealed class StoreQuery(Settings settings, QueryRequest request, TimeProvider time)
{
    /// <summary>The answer.</summary>
    /// <exception cref="CommandException">There is none; the message says why.</exception>
    public async Task<ReadOnlyMemory<byte>> AskAsync(QueryTimes times)
    {
        if (settings.ParseStorage() is LocalFolder folder && !Directory.Exists(folder.Path))
        {
            throw new CommandException(
                $"there is no store at '{folder.Path}': {CommandOptions.StorageName} or {Settings.StorageVariable} says where "
                    + "it is; --server asks a server."
            );
        }
        using var store = new StoreReader(
            StorageAccess.OpenBlobs(settings, time),
            StorageAccess.OpenTables(settings, time),
            null,
            new StoreReaderOptions { CacheFolder = Path.GetTempPath() },
            time,
            () => Ulid.New(time, Random.Shared)
        );
        try
        {
            return request.Verb is QueryRequest.Instant or QueryRequest.Range
                ? await EvaluateAsync(store, times)
                : await LookUpAsync(store, times);
        }
        catch (Exception exception) when (exception is QueryException or SelectionLimitException)
        {
            throw new CommandException(exception.Message, ExitCode.Failed, exception);
        }
    }

    private async Task<ReadOnlyMemory<byte>> EvaluateAsync(StoreReader store, QueryTimes times)
    {
        var source = new StoreSource(store);
        using var engine = new QueryEngine(source, settings.Query.Engine, time);
        var options = new QueryOptions { Limit = request.Limit };
        var (startMs, endMs) = (times.StartMs ?? 0, times.EndMs ?? 0);
        var result =
            request.Verb is QueryRequest.Instant
                ? await engine.InstantAsync(request.Texts[0], startMs, options, CancellationToken.None)
                : await engine.RangeAsync(
                    request.Texts[0],
                    startMs,
                    endMs,
                    times.StepMs,
                    options,
                    CancellationToken.None
                );
        using var body = new MemoryStream();
        foreach (var piece in new QueryJson(result, false, []).Pieces())
        {
            body.Write(piece.Span);
        }
        return body.ToArray();
    }

    private async Task<ReadOnlyMemory<byte>> LookUpAsync(StoreReader store, QueryTimes times)
    {
        var selectors = request.Texts.Select(SelectorParser.ParseAny).ToList();
        var range = new TimeRange(times.StartMs ?? long.MinValue / 2, times.EndMs ?? long.MaxValue / 2);
        if (request.Verb is QueryRequest.Series)
        {
            return Write(
                LookUpJson.Of(await store.SeriesAsync(selectors, range, request.Limit, CancellationToken.None))
            );
        }
        return Write(
            LookUpJson.Of(
                request.Label is { } label
                    ? await store.LabelValuesAsync(label, selectors, range, request.Limit, CancellationToken.None)
                    : await store.LabelNamesAsync(selectors, range, request.Limit, CancellationToken.None)
            )
        );
    }

    private static ReadOnlyMemory<byte> Write<T>(LookUpJson<T> answer)
    {
        using var body = new MemoryStream();
        using (var json = new Utf8JsonWriter(body))
        {
            while (answer.WritePiece(json))
            {
                json.Flush();
            }
        }
        return body.ToArray();
    }
}
