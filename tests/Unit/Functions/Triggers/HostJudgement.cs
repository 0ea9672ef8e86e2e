using System.Net.Http.Headers;
using System.Text.Json;

namespace Tributary.Tests.Unit.Functions.Triggers;

/// <summary>What the Functions host makes of an answer to an invocation, as it was seen of the libraries that it uses.</summary>
internal enum HostJudgement
{
    /// <summary>The invocation has succeeded.</summary>
    Success,

    /// <summary>The invocation has failed.</summary>
    Failure,

    /// <summary>The invocation never ends, until its time is up and the host kills the process.</summary>
    Hangs,
}

/// <summary>The table of answers.</summary>
internal static class HostJudge
{
    /// <summary>Judges an answer in the order of the host: status, then body and type.</summary>
    public static HostJudgement Judge(int status, string? contentType, string body)
    {
        if (status is < 200 or > 299)
        {
            return HostJudgement.Failure;
        }
        if (body.Length == 0)
        {
            return HostJudgement.Hangs;
        }
        var type = contentType is null ? null : MediaTypeHeaderValue.Parse(contentType).MediaType;
        if (type is not "application/json")
        {
            return HostJudgement.Failure;
        }
        using var json = JsonDocument.Parse(body);
        return json.RootElement.ValueKind switch
        {
            JsonValueKind.Null => HostJudgement.Hangs,
            JsonValueKind.Object => HostJudgement.Success,
            _ => HostJudgement.Failure,
        };
    }
}
