using Microsoft.AspNetCore.Http;
using Tributary.Api;
using Tributary.Functions.Hosting;
using Tributary.Jobs;

namespace Tributary.Functions.Endpoints;

/// <summary><c>/api/v1/status/…</c> and <c>/version</c>: what this server is and how it was started.</summary>
internal static class ServerStatusEndpoints
{
    public static async Task BlocksAsync(HttpContext context, ServerState state)
    {
        var blocks = await state.Blocks(context.RequestAborted);
        await ApiAnswer.SendDataAsync(context, blocks.Write);
    }

    public static async Task TsdbBlocksAsync(HttpContext context, ServerState state)
    {
        var blocks = await state.Blocks(context.RequestAborted);
        await ApiAnswer.SendDataAsync(context, blocks.WriteAsPrometheus);
    }

    public static Task GapsAsync(HttpContext context, ServerState state) =>
        ApiAnswer.SendDataAsync(context, state.Gaps(ApiAnswer.Parameter(context, "source")).Write);

    public static async Task ExportsAsync(HttpContext context, ServerState state) =>
        await ApiAnswer.SendDataAsync(
            context,
            (await state.Exports(ExportJob.ShownRuns, context.RequestAborted)).Write
        );

    public static Task SourcesAsync(HttpContext context, ServerState state) =>
        ApiAnswer.SendDataAsync(context, json => SourceStatus.Write(json, state.Sources(), state.LedgerProblems()));

    public static Task ConfigAsync(HttpContext context, ServerState state) =>
        ApiAnswer.SendDataAsync(
            context,
            json =>
            {
                json.WriteStartObject();
                json.WriteString("yaml"u8, state.Config().EffectiveYaml);
                json.WriteEndObject();
            }
        );

    public static Task FlagsAsync(HttpContext context, ServerState state) =>
        ApiAnswer.SendDataAsync(
            context,
            json =>
            {
                json.WriteStartObject();
                foreach (var (name, value) in state.Flags.OrderBy(flag => flag.Key, StringComparer.Ordinal))
                {
                    json.WriteString(name, value);
                }
                json.WriteEndObject();
            }
        );

    public static Task FeaturesAsync(HttpContext context, ServerState state) =>
        ApiAnswer.SendDataAsync(
            context,
            json => FeaturesJson.Write(json, state.QueryOptions, state.Admin.IsEnabled(), state.IsReceiving())
        );

    public static Task RuntimeInfoAsync(HttpContext context, ServerState state) =>
        ApiAnswer.SendDataAsync(context, state.Runtime().Write);

    public static Task BuildInfoAsync(HttpContext context, ServerState state) =>
        ApiAnswer.SendDataAsync(context, json => BuildInfo.Write(json, state.Version + state.Commit()));

    /// <summary>The same without the frame, as Prometheus has it outside of its API.</summary>
    public static Task VersionAsync(HttpContext context, ServerState state) =>
        ApiAnswer.SendAsync(context, json => BuildInfo.Write(json, state.Version + state.Commit()));

    /// <summary>How far the recent log has been read: it is read as one, so this is nothing or all of it.</summary>
    public static Task WalReplayAsync(HttpContext context, ServerState state) =>
        ApiAnswer.SendDataAsync(
            context,
            json =>
            {
                json.WriteStartObject();
                json.WriteNumber("min"u8, 0);
                json.WriteNumber("max"u8, 1);
                json.WriteNumber("current"u8, state.IsReady() ? 1 : 0);
                json.WriteEndObject();
            }
        );
}
