using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Tributary.Api;
using Tributary.Binary;
using Tributary.Costs.Ledger;
using Tributary.Functions.CommandLine;
using Tributary.Jobs;
using Tributary.Stores;

namespace Tributary.Functions.Serving;

/// <summary><c>tributary cost</c>, also while a server runs on the store.</summary>
/// <param name="settings">Where the store and the configuration are.</param>
/// <param name="request">What is asked.</param>
/// <param name="output">Gets the answer.</param>
internal sealed class CostCommand(Settings settings, CostRequest request, TextWriter output)
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true };

    private static TimeProvider Time => TimeProvider.System;

    /// <summary>Runs the verb.</summary>
    /// <returns>0.</returns>
    /// <exception cref="CommandException">It cannot be done; the message says what to do.</exception>
    public async Task<int> RunAsync()
    {
        if (settings.ParseStorage() is LocalFolder folder && !Directory.Exists(folder.Path))
        {
            throw new CommandException(
                $"there is no store at '{folder.Path}': {CommandOptions.StorageName} or {Settings.StorageVariable} says where "
                    + $"it is, such as {Settings.DefaultStorage} in the folder where the server was started."
            );
        }
        try
        {
            await WriteAsync(await AskAsync());
            return ExitCode.Done;
        }
        catch (BadRequestException exception)
        {
            throw CommandException.Usage(exception.Message);
        }
        catch (CorruptDataException exception)
        {
            throw new CommandException(exception.Message, ExitCode.Failed, exception);
        }
        catch (StoreException exception)
        {
            throw StorageAccess.Explain(exception);
        }
    }

    private async Task<CostStatus> AskAsync()
    {
        var question = CostQuestion.Parse(request.Days, request.Interval, request.Match);
        var tables = StorageAccess.OpenTables(settings, Time);
        using var collector = new CollectorServer(settings, StorageAccess.OpenBlobs(settings, Time), tables, Time);
        using var reload = new ConfigReload(settings, collector, Time, NullLogger.Instance);
        if (await reload.LoadFirstAsync(CancellationToken.None) is { } config)
        {
            collector.Costs.Configure(config.Costs);
        }
        if (question.Selectors.Count > 0)
        {
            // Which series sources have now is in the log's last minutes.
            await collector.Collect.LoadAsync(CancellationToken.None);
        }
        var (from, to) = question.DaysUntil(Time.GetUtcNow());
        return await CostKeeper.StatusOfAsync(
            await CostHistory.ReadAsync(tables, from, to, CancellationToken.None),
            question,
            collector.Costs.Settings,
            new BlocksJob(collector.Blobs, tables),
            collector.Collect,
            CancellationToken.None
        );
    }

    private async Task WriteAsync(CostStatus status)
    {
        if (request.IsJson)
        {
            using var bytes = new MemoryStream();
            await using (var json = new Utf8JsonWriter(bytes, Indented))
            {
                status.Write(json);
            }
            await output.WriteLineAsync(Encoding.UTF8.GetString(bytes.ToArray()));
            return;
        }
        foreach (var line in CostText.Lines(status))
        {
            await output.WriteLineAsync(line);
        }
    }
}
