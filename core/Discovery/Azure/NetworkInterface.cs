using System.Text.Json;

namespace Tributary.Discovery.Azure;

/// <summary>A network interface of a machine.</summary>
/// <param name="HasProperties">Whether Azure says anything of it.</param>
/// <param name="IsPrimary">Whether it is the machine's first; null where the machine is not running.</param>
/// <param name="HasAddresses">Whether it has a configuration of addresses.</param>
/// <param name="PrivateIp">Its address; null without one.</param>
/// <param name="PublicIp">Its address for the world; null without one.</param>
/// <remarks>https://learn.microsoft.com/rest/api/virtualnetwork/network-interfaces/get</remarks>
internal sealed record NetworkInterface(
    bool HasProperties,
    bool? IsPrimary,
    bool HasAddresses,
    string? PrivateIp,
    string? PublicIp
)
{
    public static NetworkInterface Read(JsonElement item)
    {
        var properties = item.Child("properties");
        var first = properties.Items("ipConfigurations").Take(1).ToArray();
        var addresses = first.Length == 0 ? null : first[0].Child("properties");
        return new NetworkInterface(
            properties is not null,
            properties?.Flag("primary"),
            first.Length > 0,
            addresses?.OptionalText("privateIPAddress"),
            addresses.Child("publicIPAddress").Child("properties")?.OptionalText("ipAddress")
        );
    }
}
