using System.Globalization;

namespace Tributary.Benchmarks.Processes;

/// <summary>Ours, started as the Functions host starts its custom handler.</summary>
/// <param name="executable">The executable, in the published folder.</param>
/// <param name="storage">The connection string of the storage account.</param>
internal sealed class FunctionsKind(string executable, string storage) : TributaryKind(executable)
{
    public override IReadOnlyList<string> Arguments(string folder, string configuration, int port) => [];

    public override IReadOnlyDictionary<string, string> Variables(string folder, string configuration, int port)
    {
        var text = port.ToString(CultureInfo.InvariantCulture);
        var id = Guid.NewGuid().ToString();
        return new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["FUNCTIONS_CUSTOMHANDLER_PORT"] = text,
            ["FUNCTIONS_HTTPWORKER_PORT"] = text,
            ["FUNCTIONS_CUSTOMHANDLER_WORKER_ID"] = id,
            ["FUNCTIONS_HTTPWORKER_ID"] = id,
            ["FUNCTIONS_APP_ROOT_PATH"] = Path.GetDirectoryName(Executable)!,
            ["FUNCTIONS_WORKER_RUNTIME"] = "custom",
            ["AZURE_FUNCTIONS_ENVIRONMENT"] = "Development",
            ["ASPNETCORE_URLS"] = "http://+:80",
            ["AzureWebJobsStorage"] = storage,
            ["TRIBUTARY_CONFIG"] = configuration,
        };
    }
}
