using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Tributary.Tests.Unit.Functions.Diagnosis;

/// <summary>Makes shared access signatures of a whole account.</summary>
/// <remarks>https://learn.microsoft.com/rest/api/storageservices/create-account-sas</remarks>
internal static class AccountSignature
{
    private const string Version = "2018-11-09";

    /// <summary>The connection string with a signature instead of its key.</summary>
    /// <param name="connection">A connection string with name, key and endpoints.</param>
    /// <param name="permissions">The letters of <c>sp</c>.</param>
    /// <param name="services">The letters of <c>ss</c>.</param>
    /// <param name="types">The letters of <c>srt</c>.</param>
    /// <param name="left">How long it is valid.</param>
    public static string Of(
        string connection,
        string permissions = "rwdlacu",
        string services = "bt",
        string types = "sco",
        TimeSpan? left = null
    )
    {
        var parts = connection
            .Split(';', StringSplitOptions.RemoveEmptyEntries)
            .Select(part => part.Split('=', 2))
            .ToDictionary(part => part[0], part => part[1], StringComparer.Ordinal);
        var now = DateTime.UtcNow;
        var (start, end) = (Text(now.AddHours(-2)), Text(now + (left ?? TimeSpan.FromHours(1))));
        string[] signed = [parts["AccountName"], permissions, services, types, start, end, "", "", Version, ""];
        var key = Convert.FromBase64String(parts["AccountKey"]);
        var signature = Convert.ToBase64String(
            HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(string.Join('\n', signed)))
        );
        var query =
            $"sv={Version}&ss={services}&srt={types}&sp={permissions}&st={Uri.EscapeDataString(start)}"
            + $"&se={Uri.EscapeDataString(end)}&sig={Uri.EscapeDataString(signature)}";
        return $"AccountName={parts["AccountName"]};BlobEndpoint={parts["BlobEndpoint"]};TableEndpoint={parts["TableEndpoint"]};"
            + $"SharedAccessSignature={query}";
    }

    private static string Text(DateTime time) =>
        time.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
