namespace Tributary.Storage.Files;

/// <summary>A page of a file: which file, and the page's number in it.</summary>
internal readonly record struct PageKey(string File, long Page);
