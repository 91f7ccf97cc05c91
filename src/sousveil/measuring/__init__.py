"""How numbers are made of counts: what every family of measures stands on."""
