using System.Globalization;
using Microsoft.AspNetCore.Http;
using Tributary.Api;
using Tributary.Functions.Hosting;

namespace Tributary.Functions.Endpoints;

/// <summary><c>/api/v1/status/tsdb</c>: what the head's index is made of.</summary>
internal static class TsdbStatusEndpoint
{
    private const int DefaultLimit = 10;
    private const int MaxLimit = 10_000;

    public static Task HandleAsync(HttpContext context, ServerState state)
    {
        var limit = Limit(ApiAnswer.Parameter(context, "limit"));
        var nowMs = state.Time.GetUtcNow().ToUnixTimeMilliseconds();
        return ApiAnswer.SendDataAsync(context, json => TsdbStatusJson.Write(json, state.HeadStatistics(limit), nowMs));
    }

    private static int Limit(string text)
    {
        if (text.Length == 0)
        {
            return DefaultLimit;
        }
        if (
            !int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var limit)
            || limit < 1
        )
        {
            throw new BadRequestException("limit must be a positive number");
        }
        return limit <= MaxLimit ? limit : throw new BadRequestException($"limit must not exceed {MaxLimit}");
    }
}
