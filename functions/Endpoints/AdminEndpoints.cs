using Microsoft.AspNetCore.Http;
using Tributary.Api;
using Tributary.Functions.Hosting;

namespace Tributary.Functions.Endpoints;

/// <summary><c>/api/v1/admin/tsdb/…</c>: deletes, cleaning, snapshots. Answers as Prometheus does.</summary>
internal static class AdminEndpoints
{
    /// <summary>The most characters of all selectors of a request.</summary>
    private const int MaxSelectorChars = 1024 * 1024;

    public static async Task DeleteSeriesAsync(HttpContext context, ServerState state)
    {
        if (!state.Admin.IsEnabled())
        {
            await RefuseAsync(context);
            return;
        }
        var form = await ApiForm.ReadAsync(context, state);
        if (form.IsWithoutSelectors)
        {
            throw new BadRequestException("no match[] parameter provided");
        }
        var (startMs, endMs) = (form.Start(), form.End());
        if (endMs < startMs)
        {
            throw new BadRequestException("invalid parameter \"end\": end timestamp must not be before start time");
        }
        List<string> selectors = [.. form.Selectors(namesParameter: true).Select(selector => selector.ToString())];
        if (selectors.Sum(text => text.Length) > MaxSelectorChars)
        {
            throw new BadRequestException(
                $"the match[] parameters have more than {MaxSelectorChars} characters: delete in several requests"
            );
        }
        await state.Admin.DeleteSeries(new(startMs, endMs), selectors, context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    public static async Task CleanTombstonesAsync(HttpContext context, ServerState state)
    {
        if (!state.Admin.IsEnabled())
        {
            await RefuseAsync(context);
            return;
        }
        await state.Admin.CleanTombstones(context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    public static async Task SnapshotAsync(HttpContext context, ServerState state)
    {
        if (!state.Admin.IsEnabled())
        {
            await RefuseAsync(context);
            return;
        }
        var form = await ApiForm.ReadAsync(context, state);
        var snapshot = await state.Admin.Snapshot(form.Flag("skip_head"), context.RequestAborted);
        await ApiAnswer.SendAsync(
            context,
            json =>
            {
                json.WriteStartObject();
                json.WriteString("status"u8, "success"u8);
                json.WriteStartObject("data"u8);
                json.WriteString("name"u8, snapshot.Name);
                json.WriteEndObject();
                if (snapshot.Warnings.Count > 0)
                {
                    json.WriteStartArray("warnings"u8);
                    foreach (var warning in snapshot.Warnings)
                    {
                        json.WriteStringValue(warning);
                    }
                    json.WriteEndArray();
                }
                json.WriteEndObject();
            }
        );
    }

    private static Task RefuseAsync(HttpContext context) =>
        ApiErrors.WriteAsync(
            context,
            StatusCodes.Status500InternalServerError,
            ApiErrors.Unavailable,
            "admin APIs disabled"
        );
}
