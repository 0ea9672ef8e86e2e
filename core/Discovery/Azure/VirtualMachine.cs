using System.Text.Json;

namespace Tributary.Discovery.Azure;

/// <summary>A virtual machine, of its own or of a scale set.</summary>
/// <remarks>https://learn.microsoft.com/rest/api/compute/virtual-machines/list</remarks>
internal sealed record VirtualMachine
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    /// <summary>The name that its system has.</summary>
    public required string ComputerName { get; init; }

    public required string Location { get; init; }

    /// <summary><c>Linux</c> or <c>Windows</c>.</summary>
    public required string OsType { get; init; }

    public required string Size { get; init; }

    /// <summary>Its number in its scale set; empty for a machine of its own.</summary>
    public required string InstanceId { get; init; }

    /// <summary>The name of its scale set; empty for a machine of its own.</summary>
    public string ScaleSet { get; init; } = "";

    /// <summary>Names and values.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> Tags { get; init; }

    /// <summary>The identifiers of its network interfaces.</summary>
    public required IReadOnlyList<string> NetworkInterfaces { get; init; }

    public static VirtualMachine Read(JsonElement item)
    {
        var properties = item.Child("properties");
        return new VirtualMachine
        {
            Id = item.Text("id"),
            Name = item.Text("name"),
            ComputerName = properties.Child("osProfile").Text("computerName"),
            Location = item.Text("location"),
            OsType = properties.Child("storageProfile").Child("osDisk").Text("osType"),
            Size = properties.Child("hardwareProfile").Text("vmSize"),
            InstanceId = item.Text("instanceId"),
            Tags = item.Map("tags"),
            NetworkInterfaces =
            [
                .. properties.Child("networkProfile").Items("networkInterfaces").Select(one => one.Text("id")),
            ],
        };
    }
}
