// The identity of the function app: it outlives the app, so that grants stay.

@description('Its name.')
param name string

@description('The region.')
param location string

@description('Its tags.')
param tags object

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: name
  location: location
  tags: tags
}

@description('Its resource.')
output id string = identity.id

@description('Whom roles are assigned to.')
output principalId string = identity.properties.principalId

@description('What requests for tokens name.')
output clientId string = identity.properties.clientId
